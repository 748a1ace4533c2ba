/** What an agent that runs for months must not do: remember what is gone, or slow down faster than its node grows. */
import { describe, expect, test } from 'vitest';
import { auditNode } from '../../src/core/audit.ts';
import { type AuditMemory, EMPTY_MEMORY } from '../../src/core/memory.ts';
import type { NodeSnapshot } from '../../src/core/model.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import { startAudits } from './audits.ts';
import { inContainer, NOW_MS, node, pidsOf, pod, process, zombies } from './snapshot-builder.ts';

/** Everything that is remembered, single samples and lives included. */
function sizeOf(memory: AuditMemory): number {
  const { zombies: firstSeen, findings, startTicks, livePauses, sandboxIds, refused } = memory;
  const sets = [firstSeen, findings, startTicks, livePauses, sandboxIds, refused.refusals];
  const lists = [memory.zombieCounts, memory.taskCounts, memory.lives].flatMap((it) => [...it.values()]);
  const counted = [...sets.map(({ size }) => size), ...lists.map(({ length }) => length)];
  return counted.reduce((sum, it) => sum + it, Object.keys(refused.cgroups).length);
}

describe('memory', () => {
  test('holds no more after a thousand audits of a churning node than what exists then', () => {
    const audits = startAudits();
    const sizes: number[] = [];
    for (let round = 0; round < 1000; round++) {
      const pods = [0, 1, 2].map((i) =>
        pod(`pod-${round + i}`, {
          base: 1000 * (i + 1),
          pause: { state: round % 2 === 0 ? 'T' : 'S', startTicks: round },
        }),
      );
      const dead = zombies(5, 9000 + round * 5, pidsOf().init(), { ...inContainer(), startTicks: round });
      audits.audit(node({ pods, processes: dead }));
      sizes.push(sizeOf(audits.memory()));
    }
    expect(Math.max(...sizes)).toBeLessThan(120);
    expect(Math.max(...sizes.slice(500))).toBeLessThanOrEqual(Math.max(...sizes.slice(100, 500)));
    audits.audit(node());
    expect(sizeOf(audits.memory())).toBe(0);
  });

  test('of CPU time and images is that of what exists, however the names change', () => {
    const audits = startAudits();
    for (let round = 0; round < 200; round++) {
      const imageRef = `registry.example/pause:3.${round}`;
      const images = [{ id: `sha256:${round}`, tags: [imageRef], digests: [], sizeBytes: 1, pinned: true }];
      const it = pod(`web-${round}`, { sandbox: { imageRef }, pause: { startTicks: round }, containers: {} });
      audits.audit(node({ pods: [it], runtime: { configuredPauseImage: imageRef, images } }));
    }
    const { cpu, images } = audits.memory();
    const sizes = [cpu.size, images.traces.size, images.configured.size, images.storedIds.size];
    expect(sizes).toEqual([1, 1, 1, 1]);
    expect([...images.storedIds.values()].map(({ size }) => size)).toEqual([1]);
  });

  test('of findings about images and shims that are gone ends five minutes later', () => {
    const audits = startAudits();
    const legacy = node({
      runtime: { configuredPauseImage: 'k8s.gcr.io/pause:3.0' },
      processes: zombies(3, 9000, 700),
    });
    const withShim = {
      ...legacy,
      kernel: { ...legacy.kernel, processes: [...legacy.kernel.processes, process(700, { comm: 'crio' })] },
    };
    audits.audit(withShim);
    audits.audit(withShim);
    expect(audits.memory().findings.size).toBe(4);
    for (let i = 0; i < 3; i++) audits.audit(node(), 100_000);
    expect(audits.memory().findings.size).toBe(0);
  });
});

/** A node with so many sandboxes, twenty processes each, some of them dead, and a finding in each. */
function bigNode(sandboxes: number): NodeSnapshot {
  const pods = Array.from({ length: sandboxes }, (_, i) => {
    const base = 100 * (i + 1);
    const ofApp = Array.from({ length: 12 }, (_, k) =>
      process(base + 30 + k, { ...inContainer(base), ppid: base + 10 }),
    );
    const more = [...ofApp, ...zombies(5, base + 60, base + 10, inContainer(base))];
    return pod(`pod-${i}`, { base, more, pause: { state: 'T' }, sandbox: { imageRef: 'k8s.gcr.io/pause:3.0' } });
  });
  return node({ pods });
}

/** Fastest of several audits: with a memory full of findings, all held, and all lost. */
function millisecondsFor(sandboxes: number): number {
  const seen = bigNode(sandboxes);
  const first = auditNode(seen, EMPTY_MEMORY, DEFAULT_POLICY);
  const later = { ...seen, takenAtMs: NOW_MS + 15_000 };
  const blind = { ...later, kernel: { ...seen.kernel, procfsUp: false, processes: [] } };
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const startMs = performance.now();
    const { memory } = auditNode(later, first.memory, DEFAULT_POLICY);
    auditNode(blind, memory, DEFAULT_POLICY);
    best = Math.min(best, performance.now() - startMs);
  }
  return best;
}

describe('the work of an audit', () => {
  test('grows with the node and not with its square: eight times the sandboxes, far from 64 times the work', () => {
    millisecondsFor(125);
    expect(millisecondsFor(1000) / millisecondsFor(125)).toBeLessThan(30);
  });
});
