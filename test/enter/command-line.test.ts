/** The command line of pausewatch-enter, as far as it does not need a node. */
import { expect, test } from 'vitest';
import { parseEnter } from '../../src/enter/command-line.ts';

test('Without any words only the pod is missed, and no -- that nobody typed', () => {
  expect(parseEnter([], {})).toEqual({
    kind: 'mistakes',
    mistakes: ['which pod? Give namespace/name, name, or the beginning of a sandbox id'],
  });
});

test('A -- with nothing behind it is told', () => {
  expect(parseEnter(['shop/web', '--'], {})).toEqual({
    kind: 'mistakes',
    mistakes: ['nothing follows --: leave it out for a shell'],
  });
  expect(parseEnter(['shop/web', '--', 'ps', '--'], {})).toMatchObject({
    kind: 'enter',
    request: { command: ['ps', '--'] },
  });
});
