/** The page of one pod and the same in a terminal: everything is there, and everything others wrote stays text. */
import { expect, test } from 'vitest';
import { lookRequestFor } from '../../src/core/pod-depth.ts';
import { LOOK_ASPECTS } from '../../src/core/pod-look.ts';
import { createPodLooks } from '../../src/kernel/closer/pod-look.ts';
import { podDocument } from '../../src/publish/documents/pod-document.ts';
import { readPodDocument } from '../../src/publish/documents/read-pod-document.ts';
import { renderLandingPage } from '../../src/publish/page/page.ts';
import { renderPodPage } from '../../src/publish/page/pod-page.ts';
import { renderInspect } from '../../src/publish/terminal/inspect-text.ts';
import { textWidth } from '../../src/publish/text/clean-text.ts';
import { DEEP_POD } from './deep-pod.ts';
import { report, sandboxView, zombie } from './report-builder.ts';

const REPORT = report({ sandboxes: [DEEP_POD.view] });
const OPTIONS = { stale: false, runbookBase: '/runbooks', version: '0.1.0' };
const PAGE = renderPodPage(REPORT, [DEEP_POD], OPTIONS);
const DOCUMENT = podDocument(REPORT, [DEEP_POD], '/runbooks');
/** Anything that moves a terminal's cursor. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

test('The page shows the finding with its evidence, and where the agent remembers it from', () => {
  expect(PAGE).toContain('Pause (PID 4711) is stopped');
  expect(PAGE).toContain('<dt>sharedPidNamespace</dt><dd>true</dd>');
  expect(PAGE).toContain('first seen at least 1 h ago, still holds');
});

test('Entering is offered only where it would not be refused', () => {
  const commandsOf = (facts: Partial<typeof DEEP_POD.view>): string =>
    renderPodPage(REPORT, [{ ...DEEP_POD, view: { ...DEEP_POD.view, ...facts } }], OPTIONS);
  const [alive, stopped] = [commandsOf({ pauseHealth: 'alive' }), commandsOf({ pauseHealth: 'stopped' })];
  const without = { pauseHealth: 'none', pause: undefined, noPauseReason: 'infra-dropped' } as const;
  const [dropped, empty] = [commandsOf(without), commandsOf({ ...without, containers: [] })];
  expect([alive, stopped, dropped, empty].map((it) => it.includes('pausewatch-enter c0ffee'))).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

test('Of many zombies the oldest are remembered by name and the rest counted', () => {
  const items = Array.from({ length: 8 }, (_, at) => zombie(6000 + at));
  const view = { ...DEEP_POD.view, zombies: { ...DEEP_POD.view.zombies, count: 8, items } };
  const page = renderPodPage(REPORT, [{ ...DEEP_POD, view }], OPTIONS);
  expect(page.match(/<li>zombie /g)).toHaveLength(5);
  expect(page).toContain('<li>and 3 more</li>');
});

test('A pause whose program reaps is not said to reap while it is stopped', () => {
  expect(PAGE).toContain('<dt>Reaps</dt><dd>yes, but not while it is stopped</dd>');
});

test('The tree shows inner PIDs beside those of the node, zombies and who does not reap', () => {
  const rows = [...PAGE.matchAll(/<tr[^>]*><td class="n">(\d+|\?)<\/td><td class="n">(\d+)<\/td>/g)];
  expect(rows.map(([, inner, outer]) => `${inner} ${outer}`)).toEqual([
    '1 4711',
    '40 5000',
    '41 5001',
    '7 4800',
    '9 4900',
    '? 4901',
    '8 4801',
  ]);
  expect(PAGE).toContain('stopped, cannot reap: 2 zombies');
  expect(PAGE).toContain('and 7 more like it');
  expect(PAGE).toContain('dead leader, threads live on');
  expect(PAGE).toContain('… 3 more processes');
  expect(PAGE).toContain('One PID namespace for the whole pod');
});

test('The drawing has a lane for each namespace and a dot for each member', () => {
  const drawing = /<svg class="drawing"[^]*?<\/svg>/.exec(PAGE)?.[0] ?? '';
  expect(drawing.match(/<circle/g)).toHaveLength(3 * 7);
  expect(drawing.match(/<circle class="own"/g)).toHaveLength(2);
  expect(drawing.match(/<circle class="node"/g)).toHaveLength(3 * 2);
  expect(drawing).toContain(
    'aria-label="Sandbox with its pause and 3 containers; namespaces shared by all that run: net, ipc, uts, pid.',
  );
});

test('What was looked at is shown, what could not be seen says why', () => {
  expect(PAGE).toContain('[::]:8080');
  expect(PAGE).toContain('node (4800)');
  expect(PAGE).toContain('Of 2 processes the open sockets could not be seen: not permitted');
  expect(PAGE).toContain('The mounts of container envoy could not be seen: not permitted');
  const plain = renderPodPage(
    REPORT,
    [{ ...DEEP_POD, look: { inner: new Map(), network: undefined, mounts: undefined } }],
    { stale: true, runbookBase: '/runbooks', version: '0.1.0' },
  );
  expect(plain).toContain('?look=network,mounts#look-0');
  expect(plain).not.toContain('Listening and connected');
  expect(plain).toContain('older than three intervals');
});

test('Where too many look at once, the mounts are not said to be seen by nobody: why they were not read is told', async () => {
  const lookAtPod = createPodLooks({ root: '/proc' });
  const request = lookRequestFor(DEEP_POD.depth, new Set(LOOK_ASPECTS));
  const looks = await Promise.all(Array.from({ length: 20 }, () => lookAtPod(request)));
  const refused = { ...DEEP_POD, look: looks.at(-1) };
  const options = { columns: 120, colour: false, ascii: false };
  const text = renderInspect(podDocument(REPORT, [refused], ''), options).replaceAll(/\s+/g, ' ');
  for (const it of [text, renderPodPage(REPORT, [refused], OPTIONS)]) {
    for (const whose of ['network', 'mounts of pause', 'mounts of container web', 'mounts of container envoy'])
      expect(it).toContain(`The ${whose} could not be seen: too many others are looking; try again.`);
    expect(it).not.toContain('no process is there');
  }
});

test('Of the mounts those that tell containers apart come first, volumes by their names', () => {
  const [own = '', usual = ''] =
    /aria-label="Mounts of container web"[^]*?<h2/.exec(PAGE)?.[0].split('<details>') ?? [];
  expect(own).toContain('volume cache (empty-dir): /dev/vda at /var/lib/kubelet/');
  expect(own).toContain('part of volume data: /dev/vdb at ');
  for (const point of ['/dev/shm', '/host/proc', '/etc/checkout']) expect(own).toContain(`>${point}<`);
  for (const point of ['/proc', '/dev', '/dev/pts', '/sys/fs/cgroup', '/sys/firmware']) {
    expect(own).not.toContain(`>${point}<`);
    expect(usual).toContain(`>${point}<`);
  }
});

test('A recording says that nobody can look any more', () => {
  const text = renderInspect(podDocument(REPORT, [{ ...DEEP_POD, look: undefined }], ''), {
    columns: 80,
    colour: false,
    ascii: false,
  });
  const recorded = renderPodPage(REPORT, [{ ...DEEP_POD, look: undefined }], { ...OPTIONS, recorded: true });
  for (const it of [text, recorded])
    expect(it).toContain('Sockets, interfaces and mounts are not part of a recording.');
  expect(recorded).not.toContain('?look=network#');
});

test('The page of a recorded node is not asked for again and again', () => {
  const options = { ...OPTIONS, telemetryPath: '/metrics' };
  expect(renderLandingPage(REPORT, options)).toContain('id="again"');
  expect(renderLandingPage(REPORT, { ...options, recorded: true })).not.toContain('id="again"');
});

test('A container with more mounts than fit a screen says how many there are', () => {
  const list = Array.from({ length: 40 }, (_, at) => ({
    id: at,
    parentId: 0,
    root: '/',
    point: `/data/${at}`,
    type: 'ext4',
    source: '/dev/vda',
    readOnly: false,
    options: 'rw',
  }));
  const mounts = [{ container: 'web', pid: 4800, mounts: { value: { list, omitted: 7 } } }];
  const look = { inner: new Map(), network: undefined, mounts };
  const text = renderInspect(podDocument(REPORT, [{ ...DEEP_POD, look }], ''), {
    columns: 80,
    colour: false,
    ascii: false,
  });
  expect(text).toContain('container web (PID 4800): 47 mounts\n');
  expect(text).toContain('… 23 more mounts');
});

test('Names that look like markup or control the terminal stay text, on the page and in the terminal', () => {
  const evil = '"><script>alert(1)</script>\u001b[2J\u202e';
  const view = sandboxView(evil, evil, {
    uid: evil,
    runtimeHandler: evil,
    containers: DEEP_POD.view.containers.map((it) => ({
      ...it,
      name: evil,
      init: { comm: evil, reaps: 'no' as const },
    })),
  });
  const processes = DEEP_POD.depth.processes.map((it) => ({ ...it, comm: evil, container: evil }));
  const hostile = { ...DEEP_POD, view, depth: { ...DEEP_POD.depth, processes } };
  const page = renderPodPage(report({ node: evil }), [hostile], { stale: false, runbookBase: evil, version: evil });
  for (const it of [page, PAGE]) {
    expect(it.match(/<script/g)).toHaveLength(1);
    expect(it).not.toMatch(CONTROL);
    expect(it).not.toMatch(/<b>x|<x>/);
    expect(it).not.toMatch(/undefined|NaN|\[object/);
  }
  const text = renderInspect(podDocument(report({ node: evil }), [hostile], ''), {
    columns: 100,
    colour: false,
    ascii: false,
  });
  expect(text).not.toMatch(CONTROL);
});

test.each([80, 140])('In a terminal of %i columns nothing is wider than that', async (columns) => {
  const text = renderInspect(DOCUMENT, { columns, colour: false, ascii: false });
  expect(text.split('\n').filter((line) => textWidth(line) > columns)).toEqual([]);
  await expect(text).toMatchFileSnapshot(`golden/inspect.${columns}.txt`);
});

test('Plain ASCII is plain ASCII', () => {
  const text = renderInspect(DOCUMENT, { columns: 80, colour: false, ascii: true });
  expect(text).toMatch(/^[\n -~]*$/);
  expect(text).toContain('`- sh');
});

test('A document that went over the wire is drawn the same; one that is damaged is refused by name', () => {
  const wire = JSON.stringify(DOCUMENT);
  const options = { columns: 80, colour: false, ascii: false };
  expect(renderInspect(readPodDocument(wire), options)).toBe(renderInspect(DOCUMENT, options));
  expect(() => readPodDocument(wire.replace('"level":2', '"level":"2"'))).toThrow(
    'sandboxes[0].processes[5].level is not a number',
  );
  expect(() => readPodDocument(wire.replace('"readOnly":true', '"readOnly":1'))).toThrow('is not true or false');
  expect(() => readPodDocument(wire.replace('"sockets":[', '"sockets":[7,'))).toThrow('sockets[0] is not an object');
});
