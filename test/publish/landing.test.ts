/** The table of pods on the page at `/`: problems on top, sorted and filtered by its address, and light at a thousand. */
import { expect, test } from 'vitest';
import type { AuditReport } from '../../src/core/report.ts';
import { renderLandingPage } from '../../src/publish/page/page.ts';
import { parsePageQuery, SORTS } from '../../src/publish/page/page-query.ts';
import { BUSY_NODE } from './busy-node.ts';
import { crowdedNode } from './crowded-node.ts';
import { finding, report, sandboxView } from './report-builder.ts';
import { ask } from './site-builder.ts';

function pageOf(address: string, of: AuditReport = BUSY_NODE): string {
  const parsed = parsePageQuery(new URLSearchParams(address));
  if ('error' in parsed) throw new Error(parsed.error.message);
  const options = { stale: false, telemetryPath: '/metrics', runbookBase: '/runbooks', version: '0.1.0' };
  return renderLandingPage(of, { ...options, query: parsed.query });
}

/** Names of the pods, row by row. */
function rowsOf(page: string): string[] {
  return [...page.matchAll(/<tr><th scope="row"><a href="\/pods\/[^/"]+\/([^"]+)">/g)].map(([, name = '']) => name);
}

test('Pods with problems are on top, those nobody could judge next, finished ones last', () => {
  expect(rowsOf(pageOf(''))).toEqual([
    'node-exporter-8r4ct',
    'checkout-7d9c6b5f4-x2x9q',
    'mailer-0',
    'nightly-report-aggregation-worker-28391040-vvk4t',
    'debug',
    'calico-node-jd9zz',
    'coredns-5d78c9869d-lq7wd',
    'kube-proxy-2xw8p',
    'migrate-once-4kq2d',
  ]);
});

test('A column sorts by its link, and turns round by the same link', () => {
  const page = pageOf('sort=zombies');
  expect(rowsOf(page).slice(0, 3)).toEqual([
    'checkout-7d9c6b5f4-x2x9q',
    'mailer-0',
    'nightly-report-aggregation-worker-28391040-vvk4t',
  ]);
  expect(page).toContain('aria-sort="descending"');
  const link = /href="(\/\?[^"]*sort=zombies[^"]*)"/.exec(page)?.[1] ?? '';
  const turned = rowsOf(pageOf(link.replaceAll('&#38;', '&').replace(/^\/\?|#.*$/g, '')));
  expect(turned.at(-1)).toBe('checkout-7d9c6b5f4-x2x9q');
});

test.each(SORTS)('Sorting by %s shows every pod once', (sort) => {
  for (const order of ['usual', 'reversed']) {
    expect(rowsOf(pageOf(`sort=${sort}&order=${order}`)).toSorted()).toEqual(rowsOf(pageOf('')).toSorted());
  }
});

test('A search, a finding, a severity and "problems only" narrow the pods', () => {
  expect(rowsOf(pageOf('q=KUBE-'))).toHaveLength(3);
  expect(rowsOf(pageOf('q=shop/mail'))).toEqual(['mailer-0']);
  expect(rowsOf(pageOf('finding=zombies-container-init'))).toEqual(['mailer-0']);
  expect(rowsOf(pageOf('severity=critical'))).toEqual(['node-exporter-8r4ct', 'checkout-7d9c6b5f4-x2x9q']);
  expect(rowsOf(pageOf('show=problems'))).toHaveLength(5);
  expect(pageOf('q=nobody')).toContain('No pod fits.');
});

test('What is searched for stays in every link and in the form, as text', () => {
  const page = pageOf(`q=${encodeURIComponent('"><img src=x>')}&show=problems`);
  expect(page).not.toContain('<img');
  expect(page).toContain('q=%22%3E%3Cimg+src%3Dx%3E');
  expect(page).toContain('value="&#34;&#62;&#60;img src=x&#62;"');
});

test('A parameter or value that does not exist is refused, with what there is', () => {
  expect(ask('/?sort=size')).toMatchObject({ status: 400, text: expect.stringContaining('zombies') });
  expect(ask('/?colour=red')).toMatchObject({ status: 400, text: expect.stringContaining('severity') });
  expect(ask('/?__proto__=1').status).toBe(400);
  expect(ask('/?finding=&severity=&q=').status).toBe(200);
});

test('Searches are not kept: only the page without a query has a tag', () => {
  expect(ask('/').headers['etag']).toBeDefined();
  expect(ask('/?q=a').headers['etag']).toBeUndefined();
});

test('A thousand pods weigh less than 500 KiB, with and without trouble', () => {
  for (const share of [0, 0.1, 1]) {
    const page = pageOf('', crowdedNode(1000, share));
    expect(rowsOf(page)).toHaveLength(1000);
    expect(Buffer.byteLength(page) / 1024).toBeLessThan(500);
  }
});

test('Of the same trouble in many pods some are told and the rest are one link away', () => {
  const page = pageOf('', crowdedNode(200, 1));
  const articles = page.match(/<article/g)?.length ?? 0;
  expect(articles).toBeGreaterThan(0);
  expect(articles).toBeLessThanOrEqual(60);
  expect(page).toMatch(/and \d+ more of .*finding=zombies-app-parent/);
});

test('A node without pods says so, and nothing is undefined', () => {
  const page = pageOf('', report({ runtimes: [] }));
  expect(page).toContain('No pods.');
  expect(page).toContain('no container runtime was found');
  for (const it of [page, pageOf('', report({ sandboxes: [sandboxView('a', 'b')] }))]) {
    expect(it).not.toMatch(/undefined|NaN|\[object/);
  }
});

test('Pods stand in the order of the findings above them', () => {
  const page = pageOf('');
  const told = [...page.matchAll(/<article[^]*?<strong>(?:<a href="\/pods\/[^/]+\/([^"]+)">)?/g)].flatMap(
    ([, pod]) => pod ?? [],
  );
  expect(told.length).toBeGreaterThan(3);
  expect(rowsOf(page).slice(0, told.length)).toEqual(told);
});

test('Each square of the map has a name and leads to its pod, and the keyboard passes them by', () => {
  const map = /<svg class="map"[^]*?<\/svg>/.exec(pageOf(''))?.[0] ?? '';
  const links = [...map.matchAll(/<a href="([^"]+)" tabindex="-1"><title>([^<]+)<\/title><path /g)];
  expect(links).toHaveLength(8);
  expect(links[0]?.slice(1)).toEqual([
    '/pods/monitoring/node-exporter-8r4ct',
    'monitoring/node-exporter-8r4ct: pause-dead-containers-running',
  ]);
  expect(pageOf('')).toContain('Pods by worst finding: ');
  const crowd = pageOf('', crowdedNode(1000, 0));
  expect(crowd.match(/<path d="M\d+ \d+h10v10h-10z"/g)).toHaveLength(1000);
});

const IMAGE = 'k8s.gcr.io/pause:3.6';
const OLD_IMAGE = finding('pause-image-legacy-registry', 'warning', { kind: 'image', image: IMAGE });

test('A pod that is fine but for its image shows the finding as that of the image, and is counted so', () => {
  const sandboxes = [sandboxView('infra', 'dns', { findings: [OLD_IMAGE] }), sandboxView('shop', 'web')];
  const page = pageOf('', report({ sandboxes }));
  expect(page).toContain('<span class="tag muted">image: pause-image-legacy-registry</span>');
  expect(page).toContain('2 of 2 pods fine (1 of them on an image to replace).');
  const mild = { ...OLD_IMAGE, severity: 'info' as const };
  expect(pageOf('', report({ sandboxes: [sandboxView('infra', 'dns', { findings: [mild] })] }))).toContain(
    '1 of 1 pods fine.',
  );
});

test('PIDs stand beside a limit where a pod has one of its own, and alone where only the node has', () => {
  const pids = { current: 8, limit: 1024, limitFrom: 'pod', utilization: 0.01, zombieShare: 0 } as const;
  const [own, nodes] = [pids, { ...pids, limitFrom: 'pid-max' } as const].map((it) =>
    pageOf('', report({ sandboxes: [sandboxView('a', 'b', { pids: it })] })),
  );
  expect(own).toContain('>PIDs / limit<');
  expect(own).toContain('<td class="n">8 / 1024');
  expect(nodes).toContain('>PIDs<');
  expect(nodes).not.toContain('1024');
});
