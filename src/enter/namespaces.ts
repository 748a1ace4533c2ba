/** Takes hold of a pod's namespaces, so that they stay the right ones whatever becomes of the process they were found by. */

import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { isDeadState } from '../core/process-life.ts';
import type { Procfs } from '../kernel/processes/procfs.ts';
import type { Holder, Target } from './choose-target.ts';

/** Namespaces that are entered: each is a flag of nsenter(1) too. */
const KINDS = ['net', 'ipc', 'uts', 'pid'] as const;
type Kind = (typeof KINDS)[number];

/** What will be entered. */
export interface HeldNamespaces {
  /** An open file of each namespace that is the pod's. */
  readonly entered: ReadonlyMap<Kind, number>;
  /** Those that are this host's own already: nothing to enter. */
  readonly hostsOwn: readonly Kind[];
  close(): void;
}

/** Opens the namespaces of a target; a sentence when a process of it is no longer the one that was looked at. */
export function holdNamespaces(target: Target, procfs: Procfs): HeldNamespaces | { readonly refusal: string } {
  const entered = new Map<Kind, number>();
  const hostsOwn: Kind[] = [];
  const close = (): void => {
    for (const file of entered.values()) closeSync(file);
  };
  try {
    for (const kind of KINDS) {
      const { pid } = kind === 'pid' ? target.pidHolder : target.holder;
      const file = openSync(`/proc/${pid}/ns/${kind}`, 'r');
      entered.set(kind, file);
      if (fstatSync(file).ino !== statSync(`/proc/self/ns/${kind}`).ino) continue;
      hostsOwn.push(kind);
      entered.delete(kind);
      closeSync(file);
    }
  } catch (error) {
    close();
    return { refusal: `its namespaces could not be opened (${String((error as NodeJS.ErrnoException).code)}).` };
  }
  // Only now: what is open belongs to the process that was judged, even if its PID is another's in a moment.
  for (const holder of [target.holder, target.pidHolder]) {
    if (isSame(holder, procfs)) continue;
    close();
    return { refusal: `${holder.who} (PID ${holder.pid}) has just ended; try again.` };
  }
  return { entered, hostsOwn, close };
}

function isSame({ pid, startTicks }: Holder, procfs: Procfs): boolean {
  const now = procfs.readState(pid);
  return 'value' in now && now.value.startTicks === startTicks && !isDeadState(now.value.state);
}
