/** The frame of every HTML page: one style, one small script of our own, nothing loaded from anywhere. */
import { createHash } from 'node:crypto';
import { escapeHtml } from '../text/clean-text.ts';
import { SCRIPT } from './page-script.ts';
import { STYLE } from './page-style.ts';

/** Allows this very style and script, the icon in the page, and asking this very server again; nothing else. */
export const PAGE_CSP = [
  "default-src 'none'",
  `style-src ${hashSource(STYLE)}`,
  `script-src ${hashSource(SCRIPT)}`,
  'img-src data:',
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Two bars: pause. */
const BRAND = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 1h4v14H3zM9 1h4v14H9z"/></svg>';

/** The same for the tab; in the page itself, so that no browser asks for /favicon.ico. */
const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E%3Cpath fill=%22%231a57b0%22 d=%22M3 1h4v14H3zM9 1h4v14H9z%22/%3E%3C/svg%3E';

/** What a page is made of; all but `title` is HTML already. */
export interface PageParts {
  readonly title: string;
  readonly body: string;
  /** Links beside the brand. */
  readonly links?: readonly (readonly [href: string, words: string])[];
  readonly footer?: string;
}

/** A whole page. */
export function renderPage({ title, body, links = [], footer = '' }: PageParts): string {
  const nav = links.map(([href, words]) => renderLink(href, words)).join('');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><link rel="icon" href="${ICON}"><style>${STYLE}</style></head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar"><a class="brand" href="/">${BRAND}pausewatch</a>${nav === '' ? '' : `<nav aria-label="Other forms">${nav}</nav>`}</header>
<main id="main">
${body}
</main>
${footer === '' ? '' : `<footer>${footer}</footer>`}<script>${SCRIPT}</script>
</body>
</html>
`;
}

/** A link; both parts are text. */
export function renderLink(href: string, words: string): string {
  return `<a href="${escapeHtml(href)}">${escapeHtml(words)}</a>`;
}

/** The page of a pod, by its cleaned names. */
export function podHref(namespace: string, name: string): string {
  return `/pods/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
