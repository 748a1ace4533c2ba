/** When probes, processes of the node and inits that will not reap are named, and when they must not be. */
import type { Process } from '../../src/core/model.ts';
import type { FindingCase } from './finding-case.ts';
import {
  CHLD,
  idOf,
  inContainer,
  NOT_REAPING,
  node,
  type PodFacts,
  pidsOf,
  pod,
  process,
  zombie,
  zombies,
} from './snapshot-builder.ts';

const { init } = pidsOf();
const APP = { kind: 'container', container: 'app', namespace: 'shop', pod: 'web', sandboxId: idOf('web') } as const;
const SIX_MINUTES = 6 * 60_000;
const web = pod('web', { containers: { app: { init: { comm: 'pilot-agent' } } } });
const vm = { sandbox: { pause: { kind: 'none', reason: 'vm-runtime' } }, pause: null } as const;

/** What a probe left that ran at these times (seconds): each run in a session of its own. */
function probed(seconds: readonly number[], comms: readonly string[] = ['grep']): Process[] {
  return seconds.flatMap((second, run) =>
    comms.map((comm, index) =>
      zombie(5000 + 10 * run + index, init(), {
        ...inContainer(),
        comm,
        sessionId: 4000 + run,
        startTicks: 200_000 + Math.round(second * 100),
      }),
    ),
  );
}

const sleeping = (containers: NonNullable<PodFacts['containers']>) => pod('web', { containers });
const cat = (facts: object = {}) => ({ app: { init: { comm: 'cat', exe: '/bin/cat', ...facts } } });
const orphan = process(5000, { ...inContainer(), ppid: init(), comm: 'cc1', sessionId: 4444 });

export const REAPER_CASES: readonly FindingCase[] = [
  {
    id: 'zombies-probe',
    fires: [
      {
        when: 'a readiness script leaves its tools every ten seconds (case 20)',
        node: node({ pods: [web], processes: probed([0, 10, 20.1, 30, 39.8, 50], ['grep', 'tee']) }),
        apartMs: SIX_MINUTES,
        severity: 'warning',
        subject: { ...APP, pid: init() },
        evidence: { zombies: 12, runs: 6, periodSeconds: 10, names: ['grep ×6', 'tee ×6'] },
        summary: /^An exec probe of container app, run about every 10 s, leaves its children behind: 12 zombies/,
        remedy:
          /^Make the probe a single process.*timeoutSeconds.*tini.*shareProcessNamespace: true so that pause reaps/,
      },
      {
        when: 'names are cut at 15 characters, and one run left nothing (case 21)',
        node: node({ pods: [web], processes: probed([0, 5, 10, 20, 25], ['ping_readiness_']) }),
        severity: 'info',
        subject: APP,
        evidence: { zombies: 5, runs: 5, periodSeconds: 5 },
        summary: /run about every 5 s/,
        remedy: /single process/,
      },
    ],
    quiet: [
      {
        when: 'three runs have left something: it may be chance',
        node: node({ pods: [web], processes: probed([0, 10, 20]) }),
      },
      {
        when: 'a hook left ten children once',
        node: node({ pods: [web], processes: zombies(10, 5000, init(), { ...inContainer(), sessionId: 4000 }) }),
      },
      {
        when: 'the app forks on a timer itself, in its own session (case 18)',
        node: node({
          pods: [web],
          processes: probed([0, 10, 20, 30, 40, 50]).map((it) => ({ ...it, sessionId: init() })),
        }),
      },
      {
        when: 'people come and go with no period',
        node: node({ pods: [web], processes: probed([0, 3, 47, 61, 160, 171], ['bash']) }),
      },
      {
        when: 'sessions are not told',
        node: node({ pods: [web], processes: probed([0, 10, 20, 30, 40]).map((it) => ({ ...it, sessionId: 0 })) }),
      },
    ],
  },
  {
    id: 'zombies-host',
    fires: [
      {
        when: 'shims lie under PID 1 of a node that is a container (case 30)',
        node: node({ processes: zombies(12, 5000, 1, { comm: 'containerd-shim' }) }),
        apartMs: SIX_MINUTES,
        severity: 'info',
        subject: { kind: 'process', pid: 1 },
        evidence: { zombies: 12, parentComm: 'systemd', parentKind: 'host' },
        summary: /^12 zombies \(containerd-shim ×12\) under systemd \(PID 1\), which belongs to no pod/,
        remedy: /run it with an init/,
        neverAdvises: /shareProcessNamespace/,
      },
      {
        when: 'a daemon of the node does not wait',
        node: node({ processes: [process(700, { comm: 'cron' }), zombie(5000, 700)] }),
        apartMs: SIX_MINUTES,
        severity: 'info',
        subject: { kind: 'process', pid: 700 },
        evidence: { zombies: 1, parentComm: 'cron' },
        summary: /^1 zombie \(curl\) under cron \(PID 700\)/,
        remedy: /^Mend or restart that process of the node/,
      },
      {
        when: 'somebody traces the child of a container and does not collect it',
        node: node({
          pods: [web],
          processes: [process(900, { comm: 'strace' }), zombie(5000, init(), { tracerPid: 900, ...inContainer() })],
        }),
        apartMs: SIX_MINUTES,
        severity: 'info',
        subject: { kind: 'process', pid: 900 },
        evidence: { zombies: 1, parentPid: 900, parentComm: 'strace' },
        summary: /^1 zombie \(curl\) under strace \(PID 900\), which traces them/,
        remedy: /^End the tracer or let it detach: kill 900\. Their parents/,
      },
    ],
    quiet: [
      {
        when: 'a tracer in the same container keeps it',
        node: node({
          pods: [web],
          processes: [
            process(900, { comm: 'strace', ...inContainer() }),
            zombie(5000, init(), { tracerPid: 900, ...inContainer() }),
          ],
        }),
        apartMs: SIX_MINUTES,
      },
      { when: 'PID 1 takes its time (L24)', node: node({ processes: zombies(3, 5000, 1) }) },
      {
        when: 'the zombies are of a pod',
        node: node({ pods: [web], processes: zombies(3, 5000, init(), inContainer()) }),
        apartMs: SIX_MINUTES,
      },
      {
        when: 'the runtime holds them',
        node: node({ pods: [web], processes: zombies(3, 5000, pidsOf().shim) }),
        apartMs: SIX_MINUTES,
      },
    ],
  },
  {
    id: 'init-not-reaping',
    fires: [
      {
        when: 'cat as PID 1 has adopted a compiler (case 17)',
        node: node({ pods: [sleeping(cat())], processes: [orphan] }),
        severity: 'info',
        subject: { ...APP, pid: init() },
        evidence: { parentComm: 'cat', adopted: 1, names: ['cc1'], sharingHelps: 'yes' },
        summary: /^cat \(PID 1010\), PID 1 of container app, never waits .* has adopted 1 \(cc1\)/,
        remedy: /tini.*shareProcessNamespace: true so that pause reaps/,
      },
      {
        when: 'the pause of the pod would not reap either',
        node: node({ pods: [pod('web', { containers: cat(), pause: { caught: NOT_REAPING } })], processes: [orphan] }),
        severity: 'info',
        subject: APP,
        evidence: { sharingHelps: 'pause-does-not-reap' },
        summary: /cat/,
        remedy: /would not help: the pause of this pod does not reap either/,
      },
      {
        when: 'there is no pause on the host',
        node: node({ pods: [pod('web', { containers: cat(), ...vm })], processes: [orphan] }),
        severity: 'info',
        subject: APP,
        evidence: { sharingHelps: 'no-pause' },
        summary: /cat/,
        remedy: /would not help: this sandbox has no pause on the host/,
      },
      {
        when: 'its file was replaced, and nobody knows whether pause reaps',
        node: node({
          pods: [
            pod('web', { containers: cat({ exe: '/usr/bin/node (deleted)', comm: 'node' }), pause: { caught: CHLD } }),
          ],
          processes: [orphan],
        }),
        severity: 'info',
        subject: APP,
        evidence: { sharingHelps: 'depends' },
        summary: /node/,
        remedy: /if the pause image of this node reaps/,
      },
      {
        when: 'sleep of an Alpine image, whose file is busybox',
        node: node({ pods: [sleeping(cat({ exe: '/bin/busybox', comm: 'sleep' }))], processes: [orphan] }),
        severity: 'info',
        subject: APP,
        evidence: { parentComm: 'sleep', adopted: 1 },
        summary: /^sleep \(PID 1010\), PID 1 of container app/,
        remedy: /tini/,
      },
    ],
    quiet: [
      { when: 'it has no children', node: node({ pods: [sleeping(cat())] }) },
      {
        when: 'its children are its own, or lead sessions themselves',
        node: node({
          pods: [sleeping(cat())],
          processes: [
            process(5000, { ...inContainer(), ppid: init(), sessionId: init() }),
            process(5001, { ...inContainer(), ppid: init(), sessionId: 5001 }),
          ],
        }),
      },
      {
        when: 'it is a program that may well reap, whatever its signal mask says (L2)',
        node: node({ pods: [sleeping(cat({ exe: '/sbin/tini', comm: 'tini' }))], processes: [orphan] }),
      },
      {
        when: 'the kernel reaps for it',
        node: node({ pods: [sleeping(cat({ ignored: CHLD }))], processes: [orphan] }),
      },
      {
        when: 'it is the shell of busybox',
        node: node({ pods: [sleeping(cat({ exe: '/bin/busybox', comm: 'sh' }))], processes: [orphan] }),
      },
      {
        when: 'it only calls itself cat',
        node: node({ pods: [sleeping(cat({ exe: '/bin/app' }))], processes: [orphan] }),
      },
      {
        when: 'the pod shares its PID namespace: orphans go to pause',
        node: node({ pods: [pod('web', { sandbox: { pidMode: 'pod' }, containers: cat() })], processes: [orphan] }),
      },
      {
        when: 'zombies under it say so already',
        node: node({ pods: [sleeping(cat())], processes: [orphan, zombie(5001, init(), inContainer())] }),
      },
    ],
  },
];
