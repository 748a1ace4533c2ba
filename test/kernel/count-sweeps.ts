/** Tells from outside whether a look swept: a procfs that counts how often that is asked of it. */
import type { Procfs } from '../../src/kernel/processes/procfs.ts';

/** The same procfs, and how many sweeps there were. */
export function countSweeps(procfs: Procfs): { readonly procfs: Procfs; readonly sweeps: () => number } {
  let sweeps = 0;
  const sweep: Procfs['sweep'] = (options) => {
    sweeps++;
    return procfs.sweep(options);
  };
  return { procfs: { ...procfs, sweep }, sweeps: () => sweeps };
}
