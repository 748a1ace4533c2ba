/** The life of a finding: present, confirmed, clearing, gone, and what unknown does to it. */
import { describe, expect, test } from 'vitest';
import type { FindingId } from '../../src/core/finding.ts';
import type { NodeSnapshot } from '../../src/core/model.ts';
import { findingsOf, startAudits } from './audits.ts';
import { ENDPOINT, inContainer, inPod, node, pidsOf, pod, zombies } from './snapshot-builder.ts';

const { init } = pidsOf();
const fine = node({ pods: [pod()] });
const stopped = node({ pods: [pod('web', { pause: { state: 'T' } })] });
const dead = node({ pods: [pod('web', { pause: null })] });
const hollow = node({ pods: [pod('web', { containers: { app: { init: null } } })] });
const leaking = node({ pods: [pod()], processes: zombies(3, 5000, init(), inContainer()) });
/** The same node when /proc could not be listed. */
const blind = (it: NodeSnapshot): NodeSnapshot => ({ ...it, kernel: { ...it.kernel, procfsUp: false, processes: [] } });
const detailsLost = node({ pods: [pod('web', { sandbox: { pause: { kind: 'unknown', reason: 'timeout' } } })] });

/** Audits these snapshots in turn; of each audit "-" for no such finding, "new", or "confirmed". */
function livesOf(id: FindingId, ...steps: readonly (NodeSnapshot | readonly [NodeSnapshot, number])[]) {
  const audits = startAudits();
  return steps.map((step) => {
    const [snapshot, afterMs] = 'node' in step ? [step, undefined] : step;
    const [finding] = findingsOf(audits.audit(snapshot, afterMs), id);
    return finding === undefined ? '-' : finding.confirmed ? 'confirmed' : 'new';
  });
}

describe('a finding', () => {
  test('is present from the first audit that sees it and confirmed by the second in a row', () => {
    expect(livesOf('pause-stopped', fine, stopped, stopped, stopped)).toEqual(['-', 'new', 'confirmed', 'confirmed']);
  });

  test('clears after two clean audits, not after one', () => {
    const lives = livesOf('pause-stopped', stopped, stopped, fine, stopped, fine, fine, fine);
    expect(lives).toEqual(['new', 'confirmed', 'confirmed', 'confirmed', 'confirmed', '-', '-']);
  });

  test('clears after two clean audits even when audits are rare', () => {
    const rare = 600_000;
    const steps = [stopped, stopped, fine, fine].map((it) => [it, rare] as const);
    expect(livesOf('pause-stopped', ...steps)).toEqual(['new', 'confirmed', 'confirmed', '-']);
  });

  test('that was never confirmed is gone with the first clean audit, and begins anew', () => {
    expect(livesOf('pause-stopped', stopped, fine, stopped, fine)).toEqual(['new', '-', 'new', '-']);
  });

  test('with a time of its own is confirmed when it has held that long', () => {
    const steps = Array.from({ length: 6 }, () => dead);
    const lives = livesOf('pause-dead-containers-running', ...steps);
    expect(lives).toEqual(['new', 'new', 'new', 'new', 'confirmed', 'confirmed']);
  });

  test('with a time of its own has to hold through it: what comes and goes does not add up', () => {
    const lives = livesOf('pause-dead-containers-running', dead, fine, [dead, 60_000], dead, [dead, 60_000]);
    expect(lives).toEqual(['new', '-', 'new', 'new', 'confirmed']);
  });

  test('that a healthy end imitates takes two looks to be shown at all, a second apart', () => {
    expect(livesOf('container-running-dead', hollow, hollow)).toEqual(['-', 'new']);
    expect(livesOf('container-running-dead', hollow, [hollow, 100], [hollow, 1000])).toEqual(['-', '-', 'new']);
    expect(livesOf('container-running-dead', hollow, fine, hollow, [hollow, 100])).toEqual(['-', '-', '-', '-']);
  });

  test('ends at once with its sandbox', () => {
    expect(livesOf('pause-stopped', stopped, stopped, node())).toEqual(['new', 'confirmed', '-']);
    expect(livesOf('zombies-container-init', leaking, leaking, leaking, node())).toEqual([
      '-',
      'new',
      'confirmed',
      '-',
    ]);
  });

  test('changes its severity without ceasing to be the same', () => {
    const audits = startAudits();
    const ten = node({ pods: [pod()], processes: zombies(10, 5000, init(), inContainer()) });
    audits.audit(ten);
    const [young] = findingsOf(audits.audit(ten), 'zombies-container-init');
    const [old] = findingsOf(audits.audit(ten, 300_000), 'zombies-container-init');
    expect([young?.severity, old?.severity]).toEqual(['info', 'warning']);
    expect(old?.sinceMs).toBe(young?.sinceMs);
  });
});

describe('since when a finding holds', () => {
  test('is the first audit that saw it, and "at least" only when that was the first of all', () => {
    const audits = startAudits();
    const [early] = findingsOf(audits.audit(stopped), 'pause-stopped');
    expect(early).toMatchObject({ atLeast: true, sinceMs: audits.nowMs() });
    const later = startAudits();
    later.audit(fine);
    const [seenBegin] = findingsOf(later.audit(stopped), 'pause-stopped');
    expect(seenBegin).toMatchObject({ atLeast: false, sinceMs: later.nowMs() });
  });

  test('is "at least" for zombies that lay there in the first look, though it takes two to tell', () => {
    const shared = { sandbox: { pidMode: 'pod' } } as const;
    const nodes = [
      leaking,
      node({ pods: [pod('web', shared)], processes: zombies(3, 5000, pidsOf().pause, inPod()) }),
      node({ pods: [pod()], processes: zombies(3, 5000, pidsOf().shim) }),
    ];
    for (const it of nodes) {
      const old = startAudits();
      old.audit(it);
      expect(old.audit(it).findings.map(({ atLeast }) => atLeast)).toEqual([true]);
      const young = startAudits();
      young.audit(node({ pods: [pod()] }));
      young.audit(it);
      expect(young.audit(it).findings.map(({ atLeast }) => atLeast)).toEqual([false]);
    }
  });

  /** Raised twice, clean twice, and raised again after the given time. */
  function sinceAfterGap(gapMs: number): 'kept' | 'restarted' {
    const audits = startAudits();
    audits.audit(stopped);
    const [before] = findingsOf(audits.audit(stopped), 'pause-stopped');
    audits.audit(fine, 1000);
    audits.audit(fine, 1000);
    const [after] = findingsOf(audits.audit(stopped, gapMs - 2000), 'pause-stopped');
    expect(after?.confirmed).toBe(false);
    return after?.sinceMs === before?.sinceMs ? 'kept' : 'restarted';
  }

  test('survives a gap of less than five minutes', () => {
    expect(sinceAfterGap(299_999)).toBe('kept');
    expect(sinceAfterGap(300_000)).toBe('restarted');
  });

  test('does not survive an hour that nobody knows about, once it had cleared', () => {
    const audits = startAudits();
    for (const it of [stopped, stopped, fine, fine]) audits.audit(it);
    for (let minute = 0; minute < 60; minute++) audits.audit(blind(fine), 60_000);
    const [again] = findingsOf(audits.audit(stopped), 'pause-stopped');
    expect(again?.sinceMs).toBe(audits.nowMs());
  });
});

describe('not knowing', () => {
  test('does not clear a finding, however long it lasts', () => {
    const lost = Array.from({ length: 30 }, () => [blind(fine), 60_000] as const);
    expect(new Set(livesOf('pause-stopped', stopped, stopped, ...lost).slice(1))).toEqual(new Set(['confirmed']));
    expect(livesOf('pause-stopped', stopped, stopped, detailsLost, detailsLost)).not.toContain('-');
  });

  test('does not raise a finding', () => {
    expect(livesOf('pause-stopped', fine, blind(stopped), blind(stopped))).toEqual(['-', '-', '-']);
    expect(livesOf('pause-dead-containers-running', fine, blind(dead), blind(dead))).toEqual(['-', '-', '-']);
  });

  test('holds what was found about containers too, when /proc is lost', () => {
    const lost = [blind(fine), blind(fine), blind(fine)];
    expect(livesOf('zombies-container-init', leaking, leaking, leaking, ...lost).slice(3)).toEqual(
      lost.map(() => 'confirmed'),
    );
    const held = livesOf('container-running-dead', hollow, hollow, [hollow, 60_000], ...lost);
    expect(held.slice(2)).toEqual(['confirmed', ...lost.map(() => 'confirmed')]);
  });

  test('holds what was found about zombies under a shim or a daemon of the runtime', () => {
    const ofShim = node({ pods: [pod()], processes: zombies(2, 5000, pidsOf().shim) });
    const lives = livesOf('zombies-runtime', ofShim, ofShim, ofShim, blind(ofShim), blind(ofShim));
    expect(lives.slice(2)).toEqual(['confirmed', 'confirmed', 'confirmed']);
  });

  test('holds what was found about a container while the runtime is silent', () => {
    const silent = node({ pods: [pod('web', { containers: { app: { init: null } } })], runtime: { up: false } });
    const lives = livesOf('container-running-dead', hollow, hollow, [hollow, 60_000], silent, silent, silent);
    expect(lives.slice(2)).toEqual(['confirmed', 'confirmed', 'confirmed', 'confirmed']);
  });

  test('holds a missing image while the image list is, and while the runtime is silent', () => {
    const missing = node({ pods: [pod()], runtime: { images: [] } });
    const listLost = node({ pods: [pod()], runtime: { images: undefined } });
    const silent = node({ runtime: { up: false, images: undefined, configuredPauseImage: undefined } });
    const lives = livesOf('pause-image-missing', missing, missing, listLost, listLost, silent, silent, silent);
    expect(lives).toEqual(['-', 'confirmed', 'confirmed', 'confirmed', 'confirmed', 'confirmed', 'confirmed']);
  });

  test('holds what was found about an image while the details of its sandboxes are lost', () => {
    const old = { imageRef: 'registry.k8s.io/pause:3.0' };
    const runtime = { configuredPauseImage: undefined };
    const onOld = node({ pods: [pod('web', { sandbox: old })], runtime });
    const unread = { imageRef: undefined, pause: { kind: 'unknown', reason: 'timeout' } } as const;
    const lost = node({ pods: [pod('web', { sandbox: unread })], runtime });
    const lives = livesOf('pause-image-too-old', onOld, onOld, lost, lost, lost);
    expect(lives).toEqual(['new', 'confirmed', 'confirmed', 'confirmed', 'confirmed']);
  });

  test('about one sandbox says nothing about another', () => {
    const both = (other: 'T' | 'S') =>
      node({ pods: [pod('web', { pause: { state: 'T' } }), pod('db', { base: 2000, pause: { state: other } })] });
    const audits = startAudits();
    audits.audit(both('T'));
    audits.audit(both('T'));
    const halfBlind = node({
      pods: [pod('web', { sandbox: { pause: { kind: 'unknown', reason: 'timeout' } } }), pod('db', { base: 2000 })],
    });
    audits.audit(halfBlind);
    const left = findingsOf(audits.audit(halfBlind), 'pause-stopped');
    expect(left.map(({ subject }) => subject.pod)).toEqual(['web']);
  });

  test('is not mistaken for silence of the runtime: that is cleared when it answers', () => {
    const silent = node({ pods: [pod()], runtime: { up: false } });
    expect(livesOf('runtime-unreachable', silent, silent, fine, fine)).toEqual(['new', 'confirmed', 'confirmed', '-']);
    const nobody = node({ runtimes: [] });
    expect(livesOf('runtime-unreachable', nobody, nobody, fine, fine)).toEqual(['new', 'confirmed', 'confirmed', '-']);
    expect(silent.runtimes[0]?.endpoint).toBe(ENDPOINT);
  });
});
