/** Words for what is not known of a sandbox; the JSON has the field and a code. */
import type { SandboxDocument } from './pod-document.ts';

type Unknown = SandboxDocument['unknown'][number];

/** What takes longer than one look to learn: two looks, or as long as growth is watched before it is told. */
const IN_TIME: Readonly<Record<string, string>> = {
  'zombies.count': 'zombies: two looks must agree first',
  'zombies.perHour': 'zombies per hour: not watched for 5 min yet',
  'pids.exhaustedInSeconds': 'when its PIDs run out: not watched for 5 min yet',
};

/** "zombies per hour: not watched for 5 min yet", "pause.exe (denied)". */
export function describeUnknown({ field, reason }: Unknown): string {
  return (reason === 'one-look' ? IN_TIME[field] : undefined) ?? `${field} (${reason})`;
}
