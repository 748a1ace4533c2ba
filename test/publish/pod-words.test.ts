/** What page and terminal say of one pod in words: whose namespaces, what is not known, what an image is to blame for. */
import { expect, test } from 'vitest';
import type { DeepSandbox } from '../../src/core/deepen.ts';
import type { SandboxView } from '../../src/core/report.ts';
import { podDocument } from '../../src/publish/documents/pod-document.ts';
import { renderPodPage } from '../../src/publish/page/pod-page.ts';
import { renderInspect } from '../../src/publish/terminal/inspect-text.ts';
import { DEEP_POD } from './deep-pod.ts';
import { finding, report, sandboxView } from './report-builder.ts';

const REPORT = report({ sandboxes: [DEEP_POD.view] });
const OPTIONS = { stale: false, runbookBase: '/runbooks', version: '0.1.0' };

/** The pod with a pause that has died, and one container that outlived it. */
function withoutPause(facts: Partial<SandboxView>): DeepSandbox {
  const { namespaces, containers } = DEEP_POD.view;
  const left = Object.fromEntries(
    Object.entries(namespaces).map(([kind, it]) => [kind, { ...it, heldByPause: false, sharedBy: ['web'] }]),
  ) as unknown as SandboxView['namespaces'];
  const view: SandboxView = {
    ...DEEP_POD.view,
    pauseHealth: 'dead',
    pause: undefined,
    noPauseReason: 'exited',
    pidMode: 'container',
    namespaces: left,
    containers: containers.slice(0, 1),
    ...facts,
  };
  // Its mounts are its own, and the only ones left.
  const processes = DEEP_POD.depth.processes.map((it) =>
    it.pid === 4800
      ? {
          ...it,
          namespaces: {
            net: 4001,
            ipc: 4002,
            uts: 4003,
            pid: 4004,
            mnt: 4005,
            cgroup: 4_026_531_835,
            user: 4_026_531_837,
          },
        }
      : it,
  );
  return { ...DEEP_POD, view, depth: { ...DEEP_POD.depth, processes } };
}

test('Where pause is dead, what a container has of its own is not called the pod’s', () => {
  const pod = withoutPause({});
  const page = renderPodPage(REPORT, [pod], OPTIONS);
  const text = renderInspect(podDocument(REPORT, [pod], ''), { columns: 80, colour: false, ascii: false });
  const words = 'Pause is gone. Each container had a PID namespace of its own, which is why web';
  expect(text).toContain(words);
  expect(page).toContain(`${words} still runs.`);
  for (const [kind, inode, whose] of [
    ['net', '4001', "pod's"],
    ['pid', 'none', 'own'],
    ['mnt', 'none', 'own'],
    ['user', '4026531837', "node's"],
  ]) {
    expect(text).toMatch(new RegExp(`^${kind} +${inode} {2}- +${whose}$`, 'm'));
  }
  const drawing = /<svg class="drawing"[^]*?<\/svg>/.exec(page)?.[0] ?? '';
  expect(drawing.match(/<circle class="(\w+)"/g)?.map((it) => it.slice(15, -1))).toEqual([
    'shared',
    'shared',
    'shared',
    'own',
    'own',
    'node',
    'node',
  ]);
});

test('A PID namespace that the pod shared has ended with its pause', () => {
  const page = renderPodPage(REPORT, [withoutPause({ pidMode: 'pod' })], OPTIONS);
  expect(page).toContain('It was PID 1 of the PID namespace of the whole pod, which has ended with it.');
});

test('Where there is no pause by design, none is said to reap', () => {
  const facts = { pauseHealth: 'none', noPauseReason: 'infra-dropped', pidMode: 'pod' } as const;
  const page = renderPodPage(REPORT, [withoutPause(facts)], OPTIONS);
  expect(page).toContain('One PID namespace for the whole pod, by the word of the runtime.');
  expect(page).not.toContain('lane broken');
});

test('A pause that could not be found is not said to be gone', () => {
  const pod = withoutPause({ pauseHealth: 'unknown', noPauseReason: undefined });
  const text = renderInspect(podDocument(REPORT, [pod], ''), { columns: 80, colour: false, ascii: false });
  expect(text).toMatch(/^pid +none {2}\? +own$/m);
  expect(text).toContain('A PID namespace per container');
});

test('A pod whose image alone has a finding is not said to have had none', () => {
  const image = {
    ...finding('pause-image-legacy-registry', 'warning', { kind: 'image', image: 'k8s.gcr.io/pause:3.6' }),
  };
  const pod = {
    view: sandboxView('infra', 'dns', { findings: [image] }),
    depth: { ...DEEP_POD.depth, history: [] },
    look: undefined,
  };
  expect(renderPodPage(REPORT, [pod], OPTIONS)).toContain(
    'Nothing of this pod itself; the finding above is of its image.',
  );
  const clean = { ...pod, view: sandboxView('infra', 'dns') };
  expect(renderPodPage(REPORT, [clean], OPTIONS)).toContain('No finding, no zombie since it has been watched.');
});

test('What takes time to be known says so on the page, and a code only in JSON', () => {
  const unknown = [
    { field: 'zombies.perHour', reason: 'one-look' } as const,
    { field: 'pause.exe', reason: 'denied' } as const,
  ];
  const pod = { ...DEEP_POD, view: { ...DEEP_POD.view, unknown } };
  expect(renderPodPage(REPORT, [pod], OPTIONS)).toContain(
    '<dd>zombies per hour: not watched long enough yet (5 min by default); pause.exe (denied)</dd>',
  );
  expect(podDocument(REPORT, [pod], '').sandboxes[0]?.unknown).toContainEqual(unknown[0]);
});

test('Notes that do not fit their line go on below it, and none is cut', () => {
  const text = renderInspect(podDocument(REPORT, [DEEP_POD], ''), { columns: 80, colour: false, ascii: false });
  const tree = text.slice(text.indexOf(' INSIDE'), text.indexOf('… 3 more'));
  expect(tree).not.toContain('…');
  const words = tree.replaceAll(/\s+(│ +)?/g, ' ');
  for (const note of [
    'pause, stopped, cannot reap: 2 zombies, PID 1 of its namespace',
    'dead leader, threads live on',
  ]) {
    expect(words).toContain(note);
  }
});

test('On a phone the table of namespaces stands in the place of the drawing', () => {
  expect(renderPodPage(REPORT, [DEEP_POD], OPTIONS)).toMatch(
    /<div class="wide"><div class="scroll"[^>]*>\s*<svg class="drawing"/,
  );
  expect(renderPodPage(REPORT, [DEEP_POD], OPTIONS)).toMatch(
    /<div class="narrow"><div class="scroll"[^>]*aria-label="Namespaces"/,
  );
  expect(renderPodPage(REPORT, [DEEP_POD], OPTIONS)).toContain(
    'pod&#39;s: that of pause; node&#39;s: the host&#39;s; own: the container&#39;s.',
  );
});
