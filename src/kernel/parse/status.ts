/** Parses /proc/PID/status (proc_pid_status(5)): namespaced PIDs, owner, signal handling and memory. */

/** What pausewatch takes from status; a field that the kernel does not print is undefined. */
export interface StatusFacts {
  /** NSpid: the PID in each nested PID namespace, outermost first; empty when not reported. */
  readonly nsPids: readonly number[];
  /** First column of Uid: the real uid. */
  readonly uid: number | undefined;
  /** TracerPid: who traces it; 0 for nobody. */
  readonly tracerPid: number | undefined;
  /** SigCgt, 16 hexadecimal digits. */
  readonly signalsCaught: string | undefined;
  /** SigIgn, 16 hexadecimal digits. */
  readonly signalsIgnored: string | undefined;
  /** VmRSS in bytes; undefined for zombies and kernel threads, which have no memory. */
  readonly rssBytes: number | undefined;
}

/** Parses the whole text; never throws. */
export function parseStatus(text: string): StatusFacts {
  const rssKib = firstNumber(valueOf(text, 'VmRSS'));
  return {
    nsPids: numbersIn(valueOf(text, 'NSpid')),
    uid: firstNumber(valueOf(text, 'Uid')),
    tracerPid: firstNumber(valueOf(text, 'TracerPid')),
    signalsCaught: signalMask(valueOf(text, 'SigCgt')),
    signalsIgnored: signalMask(valueOf(text, 'SigIgn')),
    rssBytes: rssKib === undefined ? undefined : rssKib * 1024,
  };
}

/** The last line with the key: the kernel escapes newlines in Name, and were one to slip through, it comes first. */
function valueOf(text: string, key: string): string | undefined {
  const at = text.lastIndexOf(`\n${key}:`);
  if (at < 0) return undefined;
  const start = at + key.length + 2;
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? undefined : end).trim();
}

function numbersIn(value: string | undefined): readonly number[] {
  return value !== undefined && /^\d+(?:\s+\d+)*$/.test(value) ? value.split(/\s+/).map(Number) : [];
}

function firstNumber(value: string | undefined): number | undefined {
  const digits = /^\d+/.exec(value ?? '')?.[0];
  return digits === undefined ? undefined : Number(digits);
}

function signalMask(value: string | undefined): string | undefined {
  return value !== undefined && /^[0-9a-f]{16}$/.test(value) ? value : undefined;
}
