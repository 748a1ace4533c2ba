/** What the pages promise: nothing that others wrote becomes markup, nothing is loaded, every finding has a runbook. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FINDING_IDS } from '../../src/core/finding.ts';
import { PAGE_CSP } from '../../src/publish/page/html.ts';
import { renderLandingPage } from '../../src/publish/page/page.ts';
import { renderRunbookPage } from '../../src/publish/page/runbook.ts';
import { BUSY_NODE } from './busy-node.ts';
import { finding, report, sandboxView } from './report-builder.ts';

const OPTIONS = { stale: false, telemetryPath: '/metrics', runbookBase: '/runbooks', version: '0.1.0' };

test('The page names what is wrong, worst first, with links to everything else', () => {
  const page = renderLandingPage(BUSY_NODE, OPTIONS);
  const order = [...page.matchAll(/<article class="(\w+)"/g)].map((match) => match[1]);
  expect(order).toEqual(['critical', 'critical', 'warning', 'warning', 'info']);
  expect(page).toContain('214 zombies under pause');
  expect(page).toContain('3 of 8 pods fine, 1 not judged');
  for (const path of ['/metrics', '/sandboxes', '/findings', '/healthz', '/readyz'])
    expect(page).toContain(`href="${path}"`);
});

test('Names that look like markup or control the terminal stay text', () => {
  const evil = `<script>alert(1)</script>" onload='x'&\u0000\u001b[2J\u202e`;
  const hostile = sandboxView(evil, evil, {
    findings: [
      finding(
        'zombies-app-parent',
        'warning',
        { kind: 'process', namespace: evil, pod: evil, container: evil },
        { evidence: { zombies: 1, names: [evil], parentComm: evil, parentPid: 1 } },
      ),
    ],
  });
  const page = renderLandingPage(report({ node: evil, sandboxes: [hostile] }), {
    ...OPTIONS,
    runbookBase: `https://x/"><script>`,
    version: evil,
  });
  for (const raw of ['<script>alert', "onload='", '\u0000', '\u001b', '\u202e']) expect(page).not.toContain(raw);
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page).toContain('\\x1b[2J');
});

test('The policy allows the very style and script of the page, and to ask this server again; nothing else', () => {
  const page = renderLandingPage(report(), OPTIONS);
  for (const tag of ['style', 'script']) {
    const text = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page)?.[1] ?? '';
    expect(text.length).toBeGreaterThan(500);
    expect(PAGE_CSP).toContain(`${tag}-src 'sha256-${createHash('sha256').update(text).digest('base64')}';`);
  }
  expect(PAGE_CSP).not.toMatch(/unsafe|https?:|\*/);
  expect(page).not.toMatch(/ style=| on[a-z]+=|javascript:/);
});

test.each(FINDING_IDS)(
  'The runbook of %s says what it means, with or without the words that the bundler adds',
  (id) => {
    const bare = renderRunbookPage(id, {}) ?? '';
    expect(bare).toContain('<h2>Meaning</h2>');
    expect(bare).toContain(`/findings?finding=${id}`);
    const words = readFileSync(`docs/findings/${id}.md`, 'utf8');
    const page = renderRunbookPage(id, { [id]: words.slice(words.indexOf('## Meaning')) }) ?? '';
    for (const heading of ['Meaning', 'Impact', 'Diagnosis', 'Mitigation', 'Evidence']) {
      expect(page).toContain(`<h2>${heading}</h2>`);
    }
    expect(page).not.toMatch(/undefined|```|\\x0a|<p>\d+\. /);
  },
);

test('A runbook is made of escaped text, lists that go on after code, and code that keeps its lines', () => {
  const words =
    '## Meaning\n\nA <b> & `c<d` **so**\nit is.\n\n1. one\n   and more\n\n```sh\na <b\nc\n```\n\n2. two\n\n- x';
  const page = renderRunbookPage('pause-stopped', { 'pause-stopped': words }) ?? '';
  expect(page).toContain('<p>A &#60;b&#62; &#38; <code>c&#60;d</code> <strong>so</strong> it is.</p>');
  expect(page).toContain('<ol start="1">\n<li>one and more</li>\n</ol>\n<pre><code>a &#60;b\nc</code></pre>');
  expect(page).toContain('<ol start="2">\n<li>two</li>\n</ol>\n<ul>\n<li>x</li>\n</ul>');
});

test('There is no runbook of an unknown finding', () => {
  expect(renderRunbookPage('constructor', {})).toBeUndefined();
});
