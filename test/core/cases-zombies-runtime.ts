/** When zombies are said to be the runtime's, and when not: a shim ends with its pod, a daemon is restarted. */
import type { FindingCase } from './finding-case.ts';
import { idOf, inContainer, node, pidsOf, pod, process, zombie, zombies } from './snapshot-builder.ts';

const { shim, init } = pidsOf();
const SANDBOX = { namespace: 'shop', pod: 'web', sandboxId: idOf('web') } as const;
const SIX_MINUTES = 6 * 60_000;
const web = pod('web', { containers: { app: { init: { comm: 'node' } } } });

export const RUNTIME_ZOMBIE_CASES: readonly FindingCase[] = [
  {
    id: 'zombies-runtime',
    fires: [
      {
        when: 'a defunct runc lies under the shim of a pod (case 23)',
        node: node({ pods: [web], processes: [zombie(5000, shim, { comm: 'runc' })] }),
        severity: 'info',
        subject: { kind: 'shim', pid: shim, ...SANDBOX },
        evidence: { zombies: 1, parentComm: 'containerd-shim', names: ['runc'], runtime: 'containerd 1.7.24~ds1' },
        summary: /^1 zombie \(runc\) under containerd-shim \(PID 1000\), a part of the container runtime that/,
        remedy:
          /Delete the pod so that this shim ends.*restarting only the container does not help.*containerd 1\.7\.24/,
        neverAdvises: /tini|shareProcessNamespace/,
      },
      {
        when: 'processes that were exec’d into the container are not collected by the shim (case 24)',
        node: node({ pods: [web], processes: zombies(15, 5000, shim, inContainer()) }),
        apartMs: SIX_MINUTES,
        severity: 'warning',
        subject: { kind: 'shim', pid: shim, ...SANDBOX },
        evidence: { zombies: 15, parentKind: 'runtime' },
        summary: /15 zombies \(curl ×15\) under containerd-shim/,
        remedy: /Delete the pod/,
      },
      {
        when: 'that shim is stopped (L16)',
        node: node({
          pods: [{ ...web, processes: web.processes.map((it) => (it.pid === shim ? { ...it, state: 'T' } : it)) }],
          processes: zombies(15, 5000, shim, inContainer()),
        }),
        severity: 'info',
        subject: { kind: 'shim', pid: shim },
        evidence: { parentState: 'T', holderKind: 'shim' },
        summary: /a part of the container runtime, which is stopped and collects nobody\.$/,
        remedy: /^Continue it: kill -CONT 1000/,
        neverAdvises: /Delete the pod|Upgrade/,
      },
      {
        when: 'a shim that serves no pod that is known holds them',
        node: node({ processes: [process(700, { comm: 'conmon' }), ...zombies(2, 5000, 700)] }),
        severity: 'info',
        subject: { kind: 'shim', pid: 700 },
        evidence: { holderKind: 'shim' },
        summary: /2 zombies .* under conmon/,
        remedy: /^It serves no pod that is known.*kill 700/,
        neverAdvises: /Delete the pod/,
      },
      {
        when: 'a runc that does not end holds them',
        node: node({ pods: [web], processes: [process(700, { comm: 'runc' }), ...zombies(2, 5000, 700)] }),
        severity: 'info',
        subject: { kind: 'shim', pid: 700 },
        evidence: { holderKind: 'other' },
        summary: /2 zombies .* under runc/,
        remedy: /^It works on one call of the runtime.*kill 700/,
        neverAdvises: /Delete the pod|restart/,
      },
      {
        when: 'conmons lie under crio, which is of no pod (case 29)',
        node: node({
          processes: [process(700, { comm: 'crio' }), ...zombies(2, 5000, 700, { comm: 'conmon' })],
          runtime: { name: 'cri-o', version: '1.20.0', flavour: 'cri-o' },
        }),
        severity: 'info',
        subject: { kind: 'shim', pid: 700 },
        evidence: { zombies: 2, parentComm: 'crio', holderKind: 'daemon', runtime: 'cri-o 1.20.0' },
        summary: /2 zombies \(conmon ×2\) under crio/,
        remedy: /^Restart crio \(PID 700\) by its service .*pods go on running.*Upgrade the runtime \(cri-o 1\.20\.0\)/,
        neverAdvises: /Delete the pod/,
      },
    ],
    quiet: [
      {
        when: 'a defunct runc was seen once: every exec leaves one for a moment',
        node: node({ pods: [web], processes: [zombie(5000, shim)] }),
        firstLook: true,
      },
      {
        when: 'a shim lies under PID 1 of the node (case 30)',
        node: node({ processes: zombies(3, 5000, 1, { comm: 'containerd-shim' }) }),
      },
      {
        when: 'the parent is a daemon of the node',
        node: node({ processes: [process(700, { comm: 'cron' }), zombie(5000, 700)] }),
      },
      {
        when: 'the parent is in a pod, whatever it is called',
        node: node({
          pods: [web],
          processes: [
            process(4000, { ...inContainer(), ppid: init(), comm: 'conmon' }),
            zombie(5000, 4000, inContainer()),
          ],
        }),
      },
      {
        when: 'pause was adopted by PID 1 after its conmon was killed',
        node: node({ pods: [pod('web', { pause: { ppid: 1 } })], processes: [zombie(5000, 1)] }),
      },
    ],
  },
];
