/** Pods whose processes the node does not have, user namespaces, and what a pause died of: said, and nothing invented. */
import { describe, expect, test } from 'vitest';
import type { PauseEnd } from '../../src/core/model.ts';
import { auditTwice, idsOf, sandboxOf, startAudits } from './audits.ts';
import { node, type PodFacts, pod } from './snapshot-builder.ts';

describe('a pod behind a machine', () => {
  const machine = pod('kata', {
    sandbox: { isolation: 'vm', runtimeHandler: 'kata', pause: { kind: 'none', reason: 'vm-runtime' } },
    pause: null,
    containers: { app: { pid: { unknown: 'unsupported' }, init: null } },
  });
  const report = auditTwice(node({ pods: [machine] }));

  test('is no trouble: neither its pause nor its containers’ first processes are missing', () => {
    expect(idsOf(report)).toEqual(['sandbox-no-host-pause']);
    expect(sandboxOf(report, 'kata')).toMatchObject({
      isolation: 'vm',
      pauseHealth: 'none',
      noPauseReason: 'vm-runtime',
    });
  });

  test('is not called free of zombies: nobody on the node can tell', () => {
    const { zombies, containers, unknown } = sandboxOf(report, 'kata');
    expect([zombies.count, containers[0]?.zombies]).toEqual([undefined, undefined]);
    for (const field of ['zombies.count', 'containers.app.pid', 'containers.app.zombies']) {
      expect(unknown).toContainEqual({ field, reason: 'unsupported' });
    }
  });

  test('does not make the audit of the node incomplete: what this node cannot tell is not asked for', () => {
    expect(report.complete).toBe(true);
  });
});

describe('a user namespace', () => {
  const viewOf = (facts: Parameters<typeof pod>[1]) =>
    sandboxOf(auditTwice(node({ pods: [pod('web', facts)] })), 'web');

  test('that was asked for and is there', () => {
    expect(viewOf({ sandbox: { userMode: 'pod' }, pause: { userNs: 77 } }).hasUserNamespace).toBe(true);
  });

  test('that was asked for and is not there: the kernel knows better than the runtime', () => {
    expect(viewOf({ sandbox: { userMode: 'pod' } }).hasUserNamespace).toBe(false);
  });

  test('of which nobody can tell', () => {
    expect(viewOf({ sandbox: { userMode: undefined }, pause: { userNs: undefined } }).hasUserNamespace).toBeUndefined();
  });
});

describe('a pause that died', () => {
  const STOPPED = { state: 'notready', pause: { kind: 'none', reason: 'exited' } } as const;
  const ENDED = { sandbox: STOPPED, containers: { app: { state: 'exited', pid: undefined, init: null } } } as const;
  const READY = { ...ENDED, sandbox: {} };

  const died = (pauseEnd: PauseEnd | undefined, how: PodFacts = ENDED) => {
    const audits = startAudits();
    audits.audit(node({ pods: [pod()] }));
    const sandbox = { ...how.sandbox, pauseEnd };
    const dead = node({ pods: [pod('web', { ...how, sandbox, pause: null })] });
    return [0, 1, 2].flatMap(() => audits.audit(dead).pauseDeaths);
  };

  test.each([
    ['a signal', { exitCode: 137, oomKilled: false }, 'signal'],
    ['want of memory, which is a signal, too', { exitCode: 137, oomKilled: true }, 'oom'],
  ] as const)('of %s is counted as such', (_, pauseEnd, reason) => {
    expect(died(pauseEnd)).toEqual([reason]);
    expect(died(pauseEnd, READY)).toEqual([reason]);
  });

  test.each([
    ['by its own exit', { exitCode: 0, oomKilled: false }, 'exit'],
    ['by its own failure', { exitCode: 2, oomKilled: false }, 'exit'],
    ['nobody knows how', undefined, 'unknown'],
  ] as const)(
    '%s is counted only where nobody stopped the sandbox: it is ready, or a container runs on',
    (_, end, reason) => {
      expect(died(end)).toEqual([]);
      expect(died(end, READY)).toEqual([reason]);
      expect(died(end, { sandbox: STOPPED })).toEqual([reason]);
    },
  );

  test('is counted when its runtime has told how it ended, or has had the time to, and only then is known to be called or not', () => {
    const docker = { flavour: 'docker', name: 'docker', version: '28.5.1' } as const;
    const deathsOf = (...looks: readonly PodFacts[]) => {
      const audits = startAudits();
      audits.audit(node({ pods: [pod()], runtime: docker }));
      return looks.map(
        (how) => audits.audit(node({ pods: [pod('web', { ...how, pause: null })], runtime: docker })).pauseDeaths,
      );
    };
    const killed = { sandbox: { ...STOPPED, pauseEnd: { exitCode: 137, oomKilled: false } } };
    const stopped = { ...ENDED, sandbox: { ...STOPPED, pauseEnd: { exitCode: 0, oomKilled: false } } };
    expect(deathsOf({}, killed, killed)).toEqual([[], ['signal'], []]);
    expect(deathsOf({}, {}, killed)).toEqual([[], ['unknown'], []]);
    expect(deathsOf(READY, stopped, stopped)).toEqual([[], [], []]);
    expect(deathsOf(killed)).toEqual([['signal']]);
  });
});
