/** What is left over is told at once and confirmed when it is old enough, by the runtime's clock where that knows. */
import { expect, test } from 'vitest';
import { findingsOf, startAudits } from './audits.ts';
import { idOf, NOW_MS, node, pidsOf, pod, process, shimOf, zombie } from './snapshot-builder.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ended = (createdAtMs: number) =>
  pod('old', {
    sandbox: { name: 'web', uid: 'one', state: 'notready', pause: { kind: 'none', reason: 'exited' }, createdAtMs },
    pause: null,
    containers: {},
  });
const newer = (createdAtMs: number) =>
  pod('new', { base: 2000, sandbox: { name: 'web', uid: 'one', attempt: 1, createdAtMs } });

test('A sandbox that was replaced hours ago is confirmed by the second audit of an agent that has just been started', () => {
  const audits = startAudits();
  const snapshot = node({ pods: [ended(NOW_MS - 9 * HOUR), newer(NOW_MS - 2 * HOUR)] });
  const first = findingsOf(audits.audit(snapshot), 'sandbox-leaked-notready');
  expect(first).toMatchObject([{ confirmed: false, severity: 'warning', atLeast: true }]);
  expect(findingsOf(audits.audit(snapshot), 'sandbox-leaked-notready')).toMatchObject([{ confirmed: true }]);
});

test('A sandbox that was replaced a moment ago is told as a fact first, and becomes a confirmed leak an hour later', () => {
  const audits = startAudits();
  const snapshot = node({ pods: [ended(NOW_MS - HOUR), newer(NOW_MS - 30_000)] });
  const seen = [0, MINUTE, 30 * MINUTE, 28 * MINUTE, MINUTE, MINUTE].map((afterMs) => {
    const found = findingsOf(audits.audit(snapshot, afterMs), 'sandbox-leaked-notready');
    return found.map(({ severity, confirmed }) => `${severity}${confirmed ? ' confirmed' : ''}`).join();
  });
  expect(seen).toEqual(['', 'info', 'info', 'info', 'warning confirmed', 'warning confirmed']);
});

test('A leak ends when the sandbox is removed', () => {
  const audits = startAudits();
  const leaked = node({ pods: [ended(NOW_MS - 9 * HOUR), newer(NOW_MS - 2 * HOUR)] });
  audits.audit(leaked);
  audits.audit(leaked);
  const report = audits.audit(node({ pods: [newer(NOW_MS - 2 * HOUR)] }));
  expect(findingsOf(report, 'sandbox-leaked-notready')).toEqual([]);
});

test('A shim that serves no pod is listed at once, and a finding is confirmed after an hour of watching', () => {
  const audits = startAudits();
  const stray = process(6000, { comm: 'containerd-shim', cgroup: '/system.slice' });
  const shims = [shimOf(1000, idOf('web')), shimOf(6000, idOf('nobody'))];
  const snapshot = node({ pods: [pod()], processes: [stray], kernel: { shims } });
  const first = audits.audit(snapshot);
  expect(first.unclaimed.shims.map(({ pid }) => pid)).toEqual([6000]);
  expect(findingsOf(first, 'shim-orphaned')).toEqual([]);
  expect(findingsOf(audits.audit(snapshot), 'shim-orphaned')).toMatchObject([{ confirmed: false }]);
  expect(findingsOf(audits.audit(snapshot, HOUR), 'shim-orphaned')).toMatchObject([{ confirmed: true }]);
});

test('Processes of a pod without a record are listed as nobody’s', () => {
  const orphan = process(7000, { comm: 'postgres', cgroup: `/kubepods/podx/${idOf('forgotten')}` });
  const report = startAudits().audit(node({ pods: [pod()], processes: [orphan] }));
  expect(report.unclaimed.processes.map(({ pid }) => pid)).toEqual([7000]);
});

test('A shim that leaves the dead lying is stuck once they are a minute old, and not before', () => {
  const audits = startAudits();
  const { shim } = pidsOf();
  const snapshot = node({ pods: [pod()], processes: [zombie(5000, shim, { comm: 'runc' })] });
  const seen = [0, 30_000, 31_000, 15_000].map(
    (afterMs) => findingsOf(audits.audit(snapshot, afterMs), 'shim-stuck')[0]?.evidence,
  );
  expect(seen).toMatchObject([undefined, undefined, undefined, { reason: 'holds-zombies', zombies: 1, pid: shim }]);
});
