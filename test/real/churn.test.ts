/** Silence while everything moves: pods start, stop and are killed the ways a kubelet does it, beside builds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabPod } from '../lab/pod.ts';
import type { PidMode } from '../lab/pod-spec.ts';
import { type FindingJson, HOLDS_ANYWHERE, type SandboxesDocument } from './document.ts';
import { type RunningAgent, startAgent } from './program.ts';

/** PAUSEWATCH_CHURN_SECONDS shortens it for a first try. */
const SECONDS = Number(process.env['PAUSEWATCH_CHURN_SECONDS'] ?? 300);
const STEADY = 12;
/** Between two lives of one kind: starting and removing a pod is seconds of work for two cores, which others use as well. */
const APART_MS = 20_000;

let lab: Lab;
let agent: RunningAgent;
let made = 0;

beforeAll(async () => {
  lab = await startLab();
  await Promise.all(
    Array.from({ length: STEADY }, (_, i) =>
      lab.runPod({
        name: `steady-${i}`,
        namespace: 'churn',
        pidMode: (['container', 'pod', 'node'] as const)[i % 3] ?? 'container',
        containers: [
          { name: 'app', command: ['zoo', 'crowd', '3', '--', 'reaper'] },
          // A build: a shell that starts thousands of short-lived processes, a few at a time.
          {
            name: 'build',
            command: [
              'sh',
              '-c',
              i === 0 ? 'while :; do /bin/true | /bin/true | /bin/true; sleep 0.5; done' : 'sleep 100000',
            ],
          },
        ],
      }),
    ),
  );
  agent = await startAgent(lab, '--audit.interval', '3s', '--settle', '1s');
});

afterAll(async () => {
  await agent?.stop();
  await lab?.close();
});

const PID_MODES: readonly PidMode[] = ['container', 'pod', 'node'];

function start(way: string, command: readonly string[] = ['zoo', 'crowd', '2', '--', 'reaper']): Promise<LabPod> {
  const name = `${way}-${made++}`;
  const pidMode = PID_MODES[made % PID_MODES.length] ?? 'container';
  const containers = [
    { name: 'app', command },
    { name: 'side', command: ['zoo', 'reaper'] },
  ];
  return lab.runPod({ name, namespace: 'churn', pidMode, containers });
}

/** What a kubelet does with pods; each leaves nothing behind. */
const WAYS: Readonly<Record<string, () => Promise<void>>> = {
  async deleted() {
    const pod = await start('deleted');
    await sleep(1500);
    for (const { id } of pod.containers) await lab.cri.stopContainer(id, 2);
    await pod.remove();
  },
  async 'force-deleted'() {
    const pod = await start('force-deleted');
    await Promise.all(pod.containers.map(({ id }) => lab.cri.stopContainer(id, 0)));
    await pod.remove();
  },
  async 'ignores-term'() {
    const pod = await start('ignores-term', ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done']);
    await lab.cri.stopContainer(pod.container('app').id, 1);
    await pod.remove();
  },
  async completed() {
    const pod = await start('completed', ['zoo', 'delay', '800', '--', 'exit', '0']);
    await sleep(4000);
    await lab.cri.stopContainer(pod.container('side').id, 0);
    await pod.stop();
    await sleep(4000);
    await pod.remove();
  },
  async restarting() {
    const pod = await start('restarting', ['zoo', 'delay', '300', '--', 'exit', '1']);
    for (let attempt = 1; attempt <= 4; attempt++) {
      await sleep(1000);
      await pod.addContainer({ name: 'app', attempt, command: ['zoo', 'delay', '300', '--', 'exit', '1'] });
    }
    await pod.remove();
  },
  async evicted() {
    const pod = await start('evicted');
    await pod.stop();
    await sleep(2000);
    await pod.remove();
  },
  async probed() {
    const pod = await start('probed');
    for (let i = 0; i < 6; i++) await pod.exec('app', ['sh', '-c', '/bin/true; /bin/true | /bin/cat']);
    await pod.remove();
  },
};

/** What was confirmed above info, about these pods or their runtime; and everything that went and came back, of pods that stayed. */
interface Diary {
  readonly alarms: string[];
  /** What was new, by kind of life, and gone before anybody was told: a runtime may take seconds to notice that a container ended. */
  readonly passing: string[];
  readonly seen: Map<string, { last: number; gaps: number }>;
}

function keepDiary({ alarms, passing, seen }: Diary, audit: number, document: SandboxesDocument): void {
  const note = (where: string, { id, severity, confirmed, summary }: FindingJson): void => {
    if (severity !== 'info' && !HOLDS_ANYWHERE.has(id)) {
      if (confirmed) alarms.push(`${where}: ${id} (${severity}): ${summary}`);
      else passing.push(`${where.replace(/-\d+$/, '')}: ${id} (${severity})`);
    }
    const key = `${where} ${id}`;
    const before = seen.get(key);
    const gaps = (before?.gaps ?? 0) + (before !== undefined && before.last < audit - 1 ? 1 : 0);
    seen.set(key, { last: audit, gaps });
  };
  for (const { name, findings } of document.sandboxes) for (const it of findings) note(name, it);
  for (const it of document.nodeFindings) note('the node', it);
}

/** Each line once, with how often it is there. */
function countEach(lines: readonly string[]): Record<string, number> {
  return Object.fromEntries([...new Set(lines)].map((line) => [line, lines.filter((it) => it === line).length]));
}

test(`${SECONDS} s of churn and builds: nothing above info is confirmed, and no finding of a steady pod comes back`, {
  timeout: SECONDS * 1000 + 180_000,
  retry: 0,
}, async () => {
  const endMs = performance.now() + SECONDS * 1000;
  const rounds = new Map<string, number>();
  const lives = Object.entries(WAYS).map(async ([way, live], index) => {
    await sleep(index * 300);
    for (; performance.now() < endMs; rounds.set(way, (rounds.get(way) ?? 0) + 1)) {
      await live();
      await sleep(APART_MS);
    }
  });
  const churn = Promise.all(lives);
  // What goes wrong in it is told when it is awaited, below.
  churn.catch(() => undefined);
  const diary: Diary = { alarms: [], passing: [], seen: new Map() };
  let takenAt = '';
  let audits = 0;
  while (performance.now() < endMs) {
    const document = await agent.until((it) => it.takenAt !== takenAt, 60_000, 500);
    takenAt = document.takenAt;
    keepDiary(diary, audits++, document);
  }
  await churn;
  console.log(`${audits} audits over ${JSON.stringify(Object.fromEntries(rounds))}`);
  console.log(`new, and gone before it was confirmed: ${JSON.stringify(countEach(diary.passing))}`);
  expect(diary.alarms).toEqual([]);
  const flapping = [...diary.seen].filter(([key, { gaps }]) => gaps > 0 && key.startsWith('steady-'));
  expect(flapping).toEqual([]);
  expect(Math.min(...rounds.values())).toBeGreaterThan(1);
});
