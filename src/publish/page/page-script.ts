/** The one script of the pages: filters rows while one types, and fetches the page again; nothing depends on it. */

/**
 * Plain text, so that its hash can stand in the policy. It takes over the part of the page marked as live and touches
 * nothing while somebody selects text or works in a form.
 */
export const SCRIPT = `"use strict";(()=>{
const box=document.getElementById("q"),again=document.getElementById("again");
const sift=()=>{if(!box)return;const want=box.value.trim().toLowerCase();let shown=0;
for(const row of document.querySelectorAll("#pods tbody tr")){const fits=row.cells[0].textContent.toLowerCase().includes(want);row.hidden=!fits;if(fits)shown++}
const told=document.getElementById("shown");if(told)told.textContent=want?shown+" shown":""};
if(box)box.addEventListener("input",sift);
const busy=()=>document.hidden||String(getSelection()||"")!==""||/^(INPUT|SELECT)$/.test((document.activeElement||{}).tagName||"");
const refresh=async()=>{if(busy())return;try{const answer=await fetch(location.href,{headers:{accept:"text/html"}});if(!answer.ok)return;
const fresh=new DOMParser().parseFromString(await answer.text(),"text/html");
for(const part of document.querySelectorAll("[data-live]")){const other=fresh.getElementById(part.id);if(!other||other.innerHTML===part.innerHTML)continue;
const focused=part.contains(document.activeElement)?document.activeElement.getAttribute("href"):null;part.replaceChildren(...other.childNodes);
if(focused!==null)part.querySelector('a[href="'+CSS.escape(focused)+'"]')?.focus({preventScroll:true})}sift()}catch{}};
if(again){let timer=0;const show=()=>{again.textContent=timer?"Stop refreshing":"Refresh every 15 s";again.setAttribute("aria-pressed",timer?"true":"false")};
const start=()=>{timer=setInterval(refresh,15000);show()},stop=()=>{clearInterval(timer);timer=0;show()};
again.addEventListener("click",()=>timer?stop():start());again.hidden=false;start()}
})();`;
