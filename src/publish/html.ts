/** The frame of every HTML page: one style, no script, nothing loaded from anywhere. */
import { createHash } from 'node:crypto';
import { escapeHtml } from './clean-text.ts';

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin-top:2rem}
code,.id{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}
.lead,.id{opacity:.75}article{border-left:.3rem solid;padding:.1rem 0 .1rem 1rem;margin:1rem 0}
article p{margin:.2rem 0}.critical{border-color:#c33}.warning{border-color:#b70}.info{border-color:#38c}
.level{font-weight:bold}pre{overflow-x:auto;border-left:.3rem solid #8888;padding:.2rem 0 .2rem 1rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}dd{margin:0}`;

/** Allows this very style and nothing else: no script, no image, no frame, no form. */
export const PAGE_CSP = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** A page around a body that is already HTML. */
export function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body>
${body}
</body>
</html>
`;
}
