/** Makes trees of files in a temporary directory, to stand for a procfs or a cgroupfs. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Makes the tree and removes it when the test is finished; keys are paths, a key ending with "/" is a directory. */
export function makeTree(nodes: Readonly<Record<string, string | Buffer | { readonly link: string }>>): string {
  const root = mkdtempSync(join(tmpdir(), 'pausewatch-kernel-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, node] of Object.entries(nodes)) addNode(root, path, node);
  return root;
}

/** Adds one node to a tree. */
export function addNode(root: string, path: string, node: string | Buffer | { readonly link: string }): void {
  const target = join(root, path);
  if (path.endsWith('/')) {
    mkdirSync(target, { recursive: true });
    return;
  }
  mkdirSync(dirname(target), { recursive: true });
  if (typeof node === 'string' || Buffer.isBuffer(node)) writeFileSync(target, node);
  else symlinkSync(node.link, target);
}

/** A stat line as the kernel writes it. */
export function statLine(facts: {
  readonly pid: number;
  readonly comm?: string;
  readonly state?: string;
  readonly ppid?: number;
  readonly startTicks?: number;
  readonly threads?: number;
}): string {
  const { pid, comm = 'app', state = 'S', ppid = 1, startTicks = 1000, threads = 1 } = facts;
  const upToThreads = `${ppid} ${pid} ${pid} 0 -1 4194560 611 0 0 0 3 4 0 0 20 0 ${threads} 0`;
  return `${pid} (${comm}) ${state} ${upToThreads} ${startTicks} 188416 0 18446744073709551615 0 0 0 0 0 0 0 0 0\n`;
}

/** A status text of a process, with its NSpid columns. */
export function statusText(pid: number, nsPids: readonly number[] = [pid]): string {
  return [
    'Name:\tapp',
    'State:\tS (sleeping)',
    `Pid:\t${pid}`,
    'Uid:\t65535\t65535\t65535\t65535',
    `NSpid:\t${nsPids.join('\t')}`,
    'VmRSS:\t      28 kB',
    'SigIgn:\t0000000000000000',
    'SigCgt:\t0000000000014002',
    '',
  ].join('\n');
}
