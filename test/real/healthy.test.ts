/** Silence: a hundred healthy pods raise nothing, over several audits, while others come and go. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import { allFindings } from './document.ts';
import { type RunningAgent, startAgent } from './program.ts';

const PODS = 100;
const AUDITS = 10;

let lab: Lab;
let agent: RunningAgent;

beforeAll(async () => {
  lab = await startLab();
  const pidModes = ['container', 'pod', 'container', 'node'] as const;
  await Promise.all(
    Array.from({ length: PODS }, (_, i) =>
      lab.runPod({
        name: `healthy-${i}`,
        pidMode: pidModes[i % pidModes.length] ?? 'container',
        network: i % 10 === 0 ? 'cni' : 'host',
        containers: [
          { name: 'app', command: ['zoo', 'crowd', '3', '--', 'reaper'] },
          // A shell over short-lived children: one scan in a hundred meets one between exit and wait.
          { name: 'busy', command: ['sh', '-c', 'while :; do sleep 0.2; done'] },
        ],
      }),
    ),
  );
});

afterAll(async () => {
  await agent?.stop();
  await lab?.close();
});

test(`${PODS} healthy pods with ${2 * PODS} containers: no finding above info in ${AUDITS} audits with churn`, async () => {
  agent = await startAgent(lab, '--audit.interval', '2s', '--settle', '1s');
  let churning = true;
  const churn = (async () => {
    for (let i = 0; churning; i++) {
      const pod = await lab.runPod({ name: `passing-${i}`, containers: [{ name: 'app', command: ['zoo', 'reaper'] }] });
      await pod.remove();
    }
  })();
  const seen: string[] = [];
  const alarms: string[] = [];
  while (seen.length < AUDITS) {
    const document = await agent.until(({ takenAt }) => takenAt !== seen.at(-1), 60_000);
    seen.push(document.takenAt);
    const healthy = document.sandboxes.filter(({ name }) => name.startsWith('healthy-'));
    expect(healthy).toHaveLength(PODS);
    for (const { id, severity, summary } of allFindings(document)) {
      if (severity !== 'info') alarms.push(`${id}: ${summary}`);
    }
  }
  churning = false;
  await churn;
  expect(alarms).toEqual([]);
  // On a busy machine the last audit may just be older than three intervals: then the agent tells nothing of pods.
  await expect
    .poll(() => agent.text('/metrics'), { timeout: 60_000 })
    .toMatch(/^pausewatch_sandboxes\{state="ready"\} 10[01]$/m);
}, 300_000);
