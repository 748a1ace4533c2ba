/** How much memory V8 may take. */
import { setFlagsFromString } from 'node:v8';

/**
 * To be called before the first look. What a look makes is garbage a second later: left alone, V8 gives it 32 MiB of
 * young generation and lets the old one double between collections. Its optimizing compiler costs more memory than the
 * whole heap and gains nothing here: an agent that works for 0.1 s in 15 spends that time in the kernel. Together worth
 * 14 MiB of 81; CPU per audit is the same. Less than a megabyte is collected at a time: to wake other threads for it,
 * and to wait for the last of them where the node is busy, takes longer than to do it (a twentieth of the first audit).
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--no-opt');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=30');
  setFlagsFromString('--no-parallel-scavenge');
}
