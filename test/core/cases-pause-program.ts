/** When the findings about what runs as pause, or under its name, fire, and when they must not. */
import type { FindingCase } from './finding-case.ts';
import { ENDPOINT, idOf, node, PAUSE_SHA256, type PodFacts, pidsOf, pod } from './snapshot-builder.ts';

const { pause, init } = pidsOf();
const WEB = { kind: 'sandbox', namespace: 'shop', pod: 'web', sandboxId: idOf('web') } as const;
const at = (facts: PodFacts) => node({ pods: [pod('web', facts)] });
/** The CPU time of pause before and after, in ticks of 10 ms; 15 s lie between. */
const burns = (before: number, after: number, facts: PodFacts = {}) => ({
  before: at({ ...facts, pause: { ...facts.pause, cpuTicks: before } }),
  node: at({ ...facts, pause: { ...facts.pause, cpuTicks: after } }),
});
type Named = { readonly name?: string; readonly image?: string; readonly comm?: string; readonly exe?: string };
const works = (
  { name = 'app', image = 'docker.io/library/app:1', comm = 'app', exe = '/app' }: Named,
  ticks = 1400,
) => {
  const facts = (cpuTicks: number) => ({
    containers: { [name]: { imageRef: image, init: { comm, exe, cpuTicks, threads: 8 } } },
  });
  return { before: at(facts(2)), node: at(facts(2 + ticks)) };
};

export const PAUSE_PROGRAM_CASES: readonly FindingCase[] = [
  {
    id: 'pause-unexpected-binary',
    fires: [
      {
        when: 'something else runs as pause',
        node: at({ pause: { exe: '/usr/local/bin/xmrig', comm: 'pause' } }),
        severity: 'warning',
        subject: WEB,
        evidence: { pausePid: pause, exe: '/usr/local/bin/xmrig', exeSha256: PAUSE_SHA256, comm: 'pause', uid: 0 },
        summary:
          /^Pause \(PID 1001\) runs \/usr\/local\/bin\/xmrig \(image registry\.k8s\.io\/pause:3\.9\), which is no known pause/,
        remedy: /pauseCommands in the policy.*hash b{12}….*compromised/,
      },
      {
        when: 'its hash could not be taken',
        node: at({ pause: { exe: '/bin/sleep', exeSha256: undefined }, sandbox: { imageRef: undefined } }),
        severity: 'warning',
        subject: WEB,
        evidence: { exe: '/bin/sleep', exeSha256: null, image: null },
        summary: /runs \/bin\/sleep, which/,
        remedy: /sha256sum \/proc\/1001\/exe/,
      },
    ],
    quiet: [
      ...['/pause', '/usr/bin/pod', '/usr/bin/pause', '/pause (deleted)'].map((exe) => ({
        when: `it is ${exe}`,
        node: at({ pause: { exe } }),
      })),
      {
        when: 'the policy names it',
        node: at({ pause: { exe: '/our/pause' } }),
        policy: { pauseCommands: ['/our/pause'] },
      },
      { when: 'the file could not be read', node: at({ pause: { exe: undefined, unknown: { exe: 'denied' } } }) },
      { when: 'nothing of it could be read', node: at({ pause: { unprobed: true } }) },
      {
        when: 'the pod runs in a machine (Kata), by its handler',
        node: at({ sandbox: { isolation: 'vm' }, pause: { exe: '/opt/vmm' } }),
      },
      { when: 'gVisor stands in the place of pause', node: at({ pause: { exe: '/usr/bin/runsc' } }) },
      { when: 'and was upgraded since', node: at({ pause: { exe: '/usr/bin/runsc (deleted)' } }) },
      { when: 'pause is dead', node: at({ pause: { state: 'Z', exe: '/bin/x' } }) },
    ],
  },
  {
    id: 'pause-impersonation',
    fires: [
      {
        when: 'a container of a miner is imaged pause (case 58)',
        ...works({ name: 'node-exporter', image: 'docker.io/pauseyyf/pause:latest', comm: 'pause', exe: '/pause' }),
        severity: 'critical',
        subject: { ...WEB, kind: 'container', container: 'node-exporter' },
        evidence: {
          pid: init(),
          calledPauseBy: ['image', 'exe', 'comm'],
          threads: 8,
          cpuPercent: 93.3,
          windowSeconds: 15,
        },
        summary:
          /^Container node-exporter calls itself pause \(by image, exe, comm\) and uses 93\.3 % of a CPU in 8 threads/,
        remedy: /^Treat it as an intruder.*isolate the pod/,
      },
      {
        when: 'a container is named pause and works',
        ...works({ name: 'pause' }),
        severity: 'critical',
        subject: { container: 'pause' },
        evidence: { calledPauseBy: ['name'], image: 'docker.io/library/app:1' },
        summary: /by name/,
        remedy: /If it is yours, give it another name/,
      },
    ],
    quiet: [
      { when: 'the placeholder is idle', ...works({ name: 'pause', image: 'registry.k8s.io/pause:3.9' }, 1) },
      { when: 'a container of another name works', ...works({}) },
      { when: 'it was looked at once', node: works({ name: 'pause' }).node, firstLook: true },
      {
        when: 'the pod runs in a machine, whose program it is',
        ...(() => {
          const { before, node: after } = works({ name: 'pause' });
          const kata = (it: typeof after) => ({
            ...it,
            runtimes: it.runtimes.map((runtime) => ({
              ...runtime,
              sandboxes: runtime.sandboxes.map((sandbox) => ({ ...sandbox, isolation: 'vm' as const })),
            })),
          });
          return { before: kata(before), node: kata(after) };
        })(),
      },
    ],
  },
  {
    id: 'pause-cpu-usage',
    fires: [
      {
        when: 'pause spins',
        ...burns(100, 1600),
        severity: 'warning',
        subject: WEB,
        evidence: { pausePid: pause, cpuPercent: 100, windowSeconds: 15, exeSha256: PAUSE_SHA256, threads: 1 },
        summary: /used 100 % of a CPU over the last 15 s; it should use none/,
        remedy: /^See what it does: cat \/proc\/1001\/wchan/,
      },
      {
        when: 'it reaps without a break in a shared PID namespace',
        ...burns(0, 150, { sandbox: { pidMode: 'pod' } }),
        severity: 'warning',
        subject: WEB,
        evidence: { cpuPercent: 10, sharedPidNamespace: true },
        summary: /10 % of a CPU/,
        remedy: /^It reaps for the whole pod: see first whether a container makes short-lived orphans/,
      },
    ],
    quiet: [
      { when: 'it sleeps', ...burns(2, 2) },
      { when: 'it reaped a few', ...burns(2, 40) },
      { when: 'it was looked at once', node: at({ pause: { cpuTicks: 90_000 } }), firstLook: true },
      { when: 'the looks are too close together to tell', ...burns(0, 90), apartMs: 900 },
      { when: 'a tick or two fell into a short look', ...burns(0, 4), apartMs: 1000 },
      {
        when: 'the CPU time is that of another process which had the PID before',
        before: at({ pause: { cpuTicks: 0, startTicks: 1 } }),
        node: at({ pause: { cpuTicks: 9000, startTicks: 2 } }),
      },
      {
        when: 'a kernel in user space stands there (gVisor)',
        ...burns(0, 1500, { sandbox: { isolation: 'user-space-kernel' } }),
      },
    ],
  },
  {
    id: 'pause-oom-score-adj',
    fires: [
      {
        when: 'somebody raised it above a container (case 37)',
        node: node({ pods: [pod('web', { pause: { oomScoreAdj: 500 } }), pod('other', { base: 2000 })] }),
        severity: 'warning',
        subject: WEB,
        evidence: { pausePid: pause, oomScoreAdj: 500, expected: -998, explainedBy: null, notAbove: ['app (0)'] },
        summary: /^Pause has oom_score_adj 500, no better than app \(0\): .*pause may be killed first\.$/,
        remedy: /echo -998 > \/proc\/1001\/oom_score_adj/,
        neverAdvises: /-997/,
      },
      {
        when: 'a container has the same as pause',
        node: at({ containers: { app: { init: { oomScoreAdj: -998 } } } }),
        severity: 'warning',
        subject: WEB,
        evidence: { oomScoreAdj: -998, notAbove: ['app (-998)'], raisePids: ['1010'] },
        summary: /no better than app \(-998\)/,
        remedy: /^Put the container above pause for now: echo -997 > \/proc\/1010\/oom_score_adj .*an old kubelet/,
        neverAdvises: /1001|Recreating the pod sets it anew/,
      },
      {
        when: 'pause was raised, and a container is as low as runtimes put pause',
        node: node({
          pods: [
            pod('web', { pause: { oomScoreAdj: 500 }, containers: { app: { init: { oomScoreAdj: -998 } } } }),
            pod('other', { base: 2000 }),
          ],
        }),
        severity: 'warning',
        subject: WEB,
        evidence: { oomScoreAdj: 500, raisePids: ['1010'] },
        summary: /no better than app \(-998\)/,
        remedy: /echo -998 > \/proc\/1001\/oom_score_adj\..*echo -997 > \/proc\/1010\/oom_score_adj/,
      },
      {
        when: 'the runtime may not go below its own score (L25): told once for all its pods',
        node: node({
          pods: [
            pod('web', { pause: { oomScoreAdj: 0 } }),
            pod('two', { base: 2000, pause: { oomScoreAdj: 0 } }),
            pod('lone', { base: 3000, pause: { oomScoreAdj: 0 }, containers: {} }),
          ],
        }),
        severity: 'info',
        subject: { kind: 'node', runtimeEndpoint: ENDPOINT },
        evidence: { explainedBy: 'restricted-runtime', oomScoreAdj: 0, sandboxes: 2, pods: ['shop/two', 'shop/web'] },
        summary: /the runtime itself may not go lower/,
        remedy: /CAP_SYS_RESOURCE.*restrict_oom_score_adj = false/,
      },
      {
        when: 'the pod has a user namespace of its own',
        node: node({
          pods: [pod('web', { pause: { oomScoreAdj: 0, userNs: 4_026_540_000 } }), pod('other', { base: 2000 })],
        }),
        severity: 'info',
        subject: WEB,
        evidence: { explainedBy: 'user-namespace' },
        summary: /its user namespace does not let/,
        remedy: /Nothing to mend/,
      },
    ],
    quiet: [
      {
        when: 'the containers of a Guaranteed pod are at -997',
        node: at({ containers: { app: { init: { oomScoreAdj: -997 } } } }),
      },
      { when: 'kube-proxy gave itself -999', node: at({ containers: { app: { init: { oomScoreAdj: -999 } } } }) },
      {
        when: 'a restricted runtime gives pause 0 and the containers more',
        node: at({ pause: { oomScoreAdj: 0 }, containers: { app: { init: { oomScoreAdj: 1000 } } } }),
      },
      { when: 'the pod has no containers', node: at({ pause: { oomScoreAdj: 0 }, containers: {} }) },
      {
        when: 'it could not be read',
        node: at({ pause: { oomScoreAdj: undefined, unknown: { oomScoreAdj: 'denied' } } }),
      },
      {
        when: 'it could be explained by a user namespace that could not be read',
        node: node({
          pods: [pod('web', { pause: { oomScoreAdj: 0, userNs: undefined } }), pod('other', { base: 2000 })],
        }),
      },
      {
        when: 'the sandbox is a machine, whose score follows its containers',
        node: at({ sandbox: { isolation: 'vm' }, pause: { oomScoreAdj: 0 } }),
      },
    ],
  },
];
