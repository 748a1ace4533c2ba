/** The one style sheet of every page: light and dark, wide and narrow, screen and paper; nothing in it is loaded. */

const TOKENS = `:root{color-scheme:light dark;--bg:#f4f6f8;--card:#fff;--ink:#14181d;--dim:#535c67;--line:#dce1e7;--link:#1a57b0;
--critical:#b3211b;--critical-bg:#fdeceb;--warning:#855000;--warning-bg:#fff3dc;--info:#1a57b0;--info-bg:#e9f1fd;
--good:#17663a;--good-bg:#e4f4ea;--shade:0 1px 2px #0f172a14,0 1px 8px #0f172a0a}
@media(prefers-color-scheme:dark){:root{--bg:#0d1014;--card:#161a20;--ink:#e8ebef;--dim:#9ca6b3;--line:#2a313a;--link:#86b4ff;
--critical:#ff8f86;--critical-bg:#3b1a18;--warning:#ffc46b;--warning-bg:#33260f;--info:#86b4ff;--info-bg:#13263f;
--good:#7cd69a;--good-bg:#11301e;--shade:none}}`;

const BASE = `*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,"DejaVu Sans",sans-serif}
a{color:var(--link);text-underline-offset:.15em}a:focus-visible,input:focus-visible,button:focus-visible,select:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:4px}
h1{font-size:1.5rem;line-height:1.2;margin:0;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:2rem 0 .6rem}h3{font-size:.95rem;margin:1.2rem 0 .4rem}
p{margin:.3rem 0}ul{margin:.3rem 0;padding-left:1.2rem}
code,pre,.id{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.88em;overflow-wrap:anywhere}
.dim,.id,i{color:var(--dim);font-style:normal}.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.bar{display:flex;flex-wrap:wrap;gap:.2rem 1rem;align-items:center;padding:.7rem max(1rem,calc(50vw - 40rem));border-bottom:1px solid var(--line);background:var(--card)}
.bar a.brand{display:flex;gap:.5rem;align-items:center;font-weight:700;color:inherit;text-decoration:none}.brand svg{width:1.1rem;height:1.1rem;fill:var(--link)}
.bar nav{display:flex;flex-wrap:wrap;gap:.2rem .9rem;margin-left:auto;font-size:.9rem}.bar nav a{padding:.15rem 0}
main{max-width:82rem;margin:0 auto;padding:1.4rem 1rem 3rem}footer{max-width:82rem;margin:0 auto;padding:0 1rem 2rem;color:var(--dim);font-size:.85rem}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}`;

const PIECES = `.card,article{background:var(--card);border:1px solid var(--line);border-radius:10px;box-shadow:var(--shade)}
.card{padding:.9rem 1rem}.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(11.5rem,1fr));gap:.8rem;margin:1.2rem 0}
.tile b{display:block;font-size:1.75rem;line-height:1.2;font-variant-numeric:tabular-nums}.tile b small{font-size:1rem;font-weight:400;color:var(--dim)}
.tile.words b{font-size:1.2rem;padding:.15rem 0}.tile .name{color:var(--dim);font-size:.85rem}.tile p{font-size:.85rem;color:var(--dim);overflow-wrap:anywhere}.tile b{overflow-wrap:anywhere}.tile svg{display:block;width:100%;height:6px;margin-top:.5rem;border-radius:3px;background:var(--line)}
.tag{display:inline-block;border-radius:99px;padding:.02rem .55rem;font-size:.8rem;font-weight:600;white-space:nowrap;background:var(--line);color:var(--ink)}
.tag.critical,.dead,.zombie,.mismatch{color:var(--critical)}.tag.critical{background:var(--critical-bg)}
.tag.warning,.stopped{color:var(--warning)}.tag.warning{background:var(--warning-bg)}
.tag.muted{background:none;color:var(--dim);border:1px solid var(--line)}.narrow{display:none}
.tag.info{color:var(--info);background:var(--info-bg)}.tag.good{color:var(--good);background:var(--good-bg)}
.notice{border-left:5px solid var(--warning);padding:.6rem 1rem;background:var(--warning-bg);border-radius:6px;margin:1rem 0}
article{border-left:5px solid var(--line);padding:.7rem 1rem;margin:.6rem 0}article.critical{border-left-color:var(--critical)}article.warning{border-left-color:var(--warning)}article.info{border-left-color:var(--info)}
article .head{display:flex;flex-wrap:wrap;gap:.2rem .7rem;align-items:baseline}article .head .id{margin-left:auto}article .remedy::before{content:"→ ";color:var(--dim)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem;margin:0}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
.map a{outline-offset:1px}.map a:hover path{stroke:var(--ink);stroke-width:2}.map{display:block;width:100%;height:auto;max-height:9rem}.fill-critical{fill:var(--critical)}.fill-warning{fill:var(--warning)}.fill-info{fill:var(--info)}.fill-good{fill:var(--good);opacity:.55}.fill-none{fill:var(--dim);opacity:.45}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.85rem;color:var(--dim);margin-top:.5rem}.legend svg{width:.7rem;height:.7rem;margin-right:.35rem}
circle.own,circle.unsure{fill:var(--card)}.cmds{display:grid;grid-template-columns:minmax(11rem,1fr) 3fr;gap:.35rem 1rem;align-items:start}.cmds p{margin:.55rem 0 0}.cmds pre{margin:0}.two tbody th{overflow-wrap:normal;white-space:nowrap}
pre{margin:.3rem 0 .8rem;padding:.55rem .8rem;background:var(--bg);border:1px solid var(--line);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem}.two>*{min-width:0}`;

const TABLES = `.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:10px;background:var(--card);box-shadow:var(--shade)}
table{border-collapse:collapse;width:100%;font-size:.92rem}th,td{padding:.38rem .7rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
thead th{border-top:0;font-size:.8rem;color:var(--dim);font-weight:600;white-space:nowrap;background:var(--card)}thead a{color:inherit;text-decoration:none}thead a:hover{text-decoration:underline}th[aria-sort] a{color:var(--ink)}
tbody th{font-weight:500;overflow-wrap:anywhere}tbody th.id{min-width:15rem}tbody tr:hover{background:var(--bg)}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.u{display:inline-block;width:3rem;height:.35rem;margin-left:.5rem;vertical-align:.12em;background:var(--line);border-radius:3px}.u path{stroke:var(--dim);stroke-width:8}.u.hot path{stroke:var(--critical)}
.filter{display:flex;flex-wrap:wrap;gap:.5rem .8rem;align-items:center;margin:.4rem 0 .7rem}.filter label{font-size:.9rem}
input,select,button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--dim);border-radius:6px;padding:.25rem .6rem}input[type=search]{width:min(100%,20rem)}button{cursor:pointer}
.tree td,.tree th{padding-top:.12rem;padding-bottom:.12rem;border-top:0;white-space:nowrap}.tree .glyph{font-family:ui-monospace,"DejaVu Sans Mono",monospace;color:var(--dim);white-space:pre}
.tree tr.dead-row{background:var(--critical-bg)}.drawing{display:block;width:100%;height:auto;max-width:60rem;min-width:36rem;margin:0 auto}
.drawing text{fill:var(--ink);font:13px system-ui,"DejaVu Sans",sans-serif}.drawing .dim{fill:var(--dim);font-size:11.5px}.drawing .strong{font-weight:700}
.drawing .box{fill:var(--card);stroke:var(--dim);stroke-width:1.2}.drawing .pod{fill:var(--bg);stroke:var(--line);stroke-width:1.5}.drawing .lane{fill:none;stroke:var(--good);stroke-width:3;stroke-linecap:round}
.drawing .lane.of-node{stroke:var(--info)}.drawing .lane.broken{stroke:var(--critical);stroke-dasharray:3 6}.own{fill:var(--card);stroke:var(--dim);stroke-width:1.5}.shared{fill:var(--good)}.unsure{fill:none;stroke:var(--dim);stroke-dasharray:2 3}.node{fill:var(--info)}
.drawing .bad{stroke:var(--critical);stroke-width:2.5}.drawing .warn{stroke:var(--warning);stroke-width:2.5}.drawing .off{stroke-dasharray:5 4;opacity:.65}`;

const MEDIA = `@media(max-width:46rem){.wide{display:none}.narrow{display:block}th,td{padding:.38rem .45rem}.tiles{grid-template-columns:1fr 1fr;gap:.5rem}.tile.words{grid-column:1/-1}.card{padding:.6rem .7rem}.tile b{font-size:1.35rem}
#pods thead th{display:inline-block;border:0;padding:.3rem .5rem}#pods tbody tr{display:block;border-top:1px solid var(--line);padding:.4rem .2rem}#pods tbody :is(th,td){display:inline-block;border:0;padding:.1rem .45rem;text-align:left}#pods tbody th{display:block}
#pods td::before{color:var(--dim)}#pods td:nth-of-type(2)::before{content:"pause "}#pods td:nth-of-type(3)::before{content:"zombies "}#pods td:nth-of-type(4)::before{content:"PIDs "}#pods td:empty{display:none}#pods td.wide{display:none}#pods td:last-child{white-space:normal}
.tree,.tree thead,.tree tbody{display:block}.tree tr{display:grid;grid-template-columns:3rem 4.2rem 1fr auto;column-gap:.5rem;padding:.2rem .5rem}.tree :is(td,th){padding:0;white-space:normal}.tree thead :is(th:nth-of-type(5),th:nth-of-type(6)){display:none}
.tree tbody td:nth-of-type(4){grid-column:1/3;text-align:right;color:var(--dim)}.tree tbody td:nth-of-type(5){grid-column:3/-1}.tree .tag{white-space:normal;border-radius:10px}
.bar nav{margin-left:0}article .head .id{margin-left:0}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}.cmds{grid-template-columns:1fr}.u{display:none}}
@media print{body{background:#fff;color:#000}.bar nav,.filter,.skip,button{display:none}.card,article,.scroll{box-shadow:none;break-inside:avoid}.scroll{overflow:visible;break-inside:auto}tr{break-inside:avoid}a{color:inherit}}
@media(prefers-contrast:more){:root{--line:currentColor;--dim:var(--ink)}}`;

/** The style sheet. Whatever changes here changes the hash in the policy with it. */
export const STYLE = [TOKENS, BASE, PIECES, TABLES, MEDIA].join('\n');
