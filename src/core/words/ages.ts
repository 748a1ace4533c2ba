/** Puts a length of time into words. */

const STEPS: readonly (readonly [name: string, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** "3 days", "1 hour", "40 seconds": whole units of the largest that fits; "some time" when it is not known. */
export function ageInWords(seconds: unknown): string {
  if (typeof seconds !== 'number') return 'some time';
  const [name, length] = STEPS.find(([, it]) => seconds >= it) ?? ['second', 1];
  const count = Math.floor(seconds / length);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
