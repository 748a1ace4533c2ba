/** Turns the plain Markdown of the runbooks into HTML: headings, paragraphs, lists, code; anything else stays text. */
import { escapeHtml } from '../text/clean-text.ts';

/** What a run of lines is. */
type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly start: number; readonly items: readonly string[] }
  | { readonly kind: 'paragraph'; readonly text: string };

const ITEM = /^(?:(\d+)\.|-) (.*)$/;

/** Renders text of our own; even so every character of it is escaped. */
export function renderMarkdown(text: string): string {
  return readBlocks(text.split('\n')).map(renderBlock).join('\n');
}

function readBlocks(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const end = endOfBlock(lines, at);
    const taken = lines.slice(at, end);
    at = end;
    if (line.startsWith('```')) blocks.push({ kind: 'code', lines: taken.slice(1, -1) });
    else if (line.startsWith('## ')) blocks.push({ kind: 'heading', text: line.slice(3) });
    else if (ITEM.test(line)) blocks.push(readList(taken));
    else if (line.trim() !== '') blocks.push({ kind: 'paragraph', text: taken.map((it) => it.trim()).join(' ') });
  }
  return blocks;
}

/** A fence reaches to the fence that closes it, a heading is one line, and anything else ends before a blank line or a fence. */
function endOfBlock(lines: readonly string[], at: number): number {
  const line = lines[at] ?? '';
  if (line.startsWith('## ') || line.trim() === '') return at + 1;
  const isFence = line.startsWith('```');
  const end = lines.findIndex(
    (it, index) => index > at && (isFence ? it === '```' : it.trim() === '' || it.startsWith('```')),
  );
  if (end < 0) return lines.length;
  return isFence ? end + 1 : end;
}

/** Lines that are indented go on with the item before them. */
function readList(lines: readonly string[]): Block {
  const items: string[] = [];
  for (const line of lines) {
    const text = ITEM.exec(line)?.[2];
    if (text !== undefined) items.push(text);
    else items.push(`${items.pop() ?? ''} ${line.trim()}`);
  }
  const number = ITEM.exec(lines[0] ?? '')?.[1];
  return { kind: 'list', ordered: number !== undefined, start: Number(number ?? 1), items };
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h2>${renderInline(block.text)}</h2>`;
    case 'code':
      return `<pre><code>${block.lines.map(escapeHtml).join('\n')}</code></pre>`;
    case 'list': {
      const items = block.items.map((item) => `<li>${renderInline(item)}</li>`).join('\n');
      return block.ordered ? `<ol start="${block.start}">\n${items}\n</ol>` : `<ul>\n${items}\n</ul>`;
    }
    case 'paragraph':
      return `<p>${renderInline(block.text)}</p>`;
    default:
      return block satisfies never;
  }
}

/** `code`, **strong**, *emphasis*. */
function renderInline(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? `<code>${escapeHtml(part)}</code>` : renderEmphasis(escapeHtml(part))))
    .join('');
}

function renderEmphasis(html: string): string {
  return html.replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>').replace(/\*([^*]+)\*/g, '<em>$1</em>');
}
