/** Rules about first processes of containers that will not collect what they adopt, before the first zombie shows it. */

import { isNamespaceInit } from '../attribute.ts';
import type { Verdict } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import type { Process } from '../model.ts';
import { isKnownNotToReap, wasAdopted } from '../reaping.ts';
import { containerSubject, isAlive, type Scene } from '../scene.ts';
import { collectorPid } from '../zombies.ts';
import { LISTED } from './rule.ts';
import { sharingHelps } from './sharing.ts';

/** init-not-reaping: PID 1 is a program that never waits for strangers, and a child of another process is its already. */
export function* initNotReaping(scene: Scene): Generator<Verdict> {
  const suspects = scene.pods.flatMap((pod) =>
    pod.containers.flatMap((it) =>
      it.init.kind === 'found' && isAlive(it) && isNamespaceInit(it.init.process) && isKnownNotToReap(it.init.process)
        ? [{ pod, container: it.container, init: it.init.process }]
        : [],
    ),
  );
  if (suspects.length === 0) return;
  const childrenOf = groupBy(scene.snapshot.kernel.processes, ({ ppid }) => ppid);
  for (const { pod, container, init } of suspects) {
    const children = childrenOf.get(init.pid) ?? [];
    const adopted = children.filter((child) => wasAdopted(child, init));
    if (adopted.length === 0 || pod.zombies?.some(({ process }) => collectorPid(process) === init.pid) === true)
      continue;
    const evidence = {
      parentPid: init.pid,
      parentComm: init.comm,
      adopted: adopted.length,
      names: [...new Set(adopted.map(nameOf))].slice(0, LISTED),
      sharingHelps: sharingHelps(pod),
    };
    yield {
      kind: 'finding',
      severity: 'info',
      subject: { ...containerSubject(pod, container), pid: init.pid },
      evidence,
    };
  }
}

const nameOf = ({ comm }: Process): string => comm;
