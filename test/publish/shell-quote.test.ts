/** A word that is quoted for a shell is that word to a real shell, or it is not offered at all. */
import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { podCommands } from '../../src/publish/documents/pod-commands.ts';
import { shellCommand, shellWord } from '../../src/publish/text/shell-quote.ts';
import { containerView, sandboxView } from './report-builder.ts';

test('sh reads back every word that is offered', () => {
  const hostile = fc.string({
    unit: fc.constantFrom("'", '"', '$', '`', '\\', ' ', ';', '&', '|', '-', 'a', '(', '!', '*', '~', '#', 'é'),
  });
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 8 }), (words) => {
      const offered = words.filter((word) => shellWord(word) !== undefined);
      const line = `printf '%s\\n' -- ${offered.map(shellWord).join(' ')}`;
      const read = execFileSync('sh', ['-c', line.replace(' -- ', ' ')], { encoding: 'utf8' });
      expect(read).toBe(offered.length === 0 ? '\n' : offered.map((word) => `${word}\n`).join(''));
    }),
    { numRuns: 40 },
  );
});

test('What cannot be typed is not offered', () => {
  for (const word of ['', 'a\nb', '\u001b[2J', 'a\u202eb', '\u0000']) expect(shellWord(word)).toBeUndefined();
  expect(shellCommand`crictl inspectp ${'a\nb'}`).toBeUndefined();
  expect(shellCommand`crictl inspectp ${"it's"} -o ${'json'}`).toBe("crictl inspectp 'it'\\''s' -o json");
});

test('A pod whose name no Kubernetes object can have gets no kubectl commands, and no option hides in a name', () => {
  const named = (name: string) => podCommands(sandboxView('shop', name), 'worker-7').map(({ command }) => command);
  expect(named('web').some((it) => it.startsWith('kubectl -n shop describe pod web'))).toBe(true);
  for (const name of ['--all', "x'; rm -rf /", 'a b', 'UPPER', 'x\u001b[2J']) {
    expect(named(name).filter((it) => it.includes('kubectl -n'))).toEqual([]);
  }
});

test('A dead pause is entered through a container, and when nothing runs not at all', () => {
  const dead = { pauseHealth: 'dead', pause: undefined } as const;
  const nsenter = (containers: readonly ReturnType<typeof containerView>[]) =>
    podCommands(sandboxView('shop', 'web', { ...dead, containers }), 'n').filter(({ command }) =>
      command.startsWith('nsenter'),
    );
  expect(nsenter([containerView('app', { pid: 4800 })]).every(({ command }) => command.includes('-t 4800'))).toBe(true);
  expect(nsenter([containerView('app', { pid: undefined, state: 'exited' })])).toEqual([]);
});
