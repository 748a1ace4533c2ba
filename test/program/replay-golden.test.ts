/**
 * Every output over one recording of real pods, those of the demo: nine pods, five of them in trouble. The processes of the
 * machine beside the pods and their shims were taken out of it.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, runProgram } from './program.ts';

beforeAll(ensureBuilt, 60_000);

/** Lines that can be read, without what the build and the machine say of themselves. */
function steady(text: string): string {
  const lines = text.startsWith('{') ? `${JSON.stringify(JSON.parse(text), undefined, 2)}\n` : text;
  return lines.replaceAll(/^(pausewatch_(?:build|policy)_info)\{[^}]*\}/gm, '$1{…}');
}

describe('a recording of the demo', { timeout: 60_000 }, () => {
  test.each([
    ['table', 'demo.txt'],
    ['json', 'demo.json.golden'],
    ['prometheus', 'demo.prom'],
    ['line', 'demo.line.txt'],
  ])('as %s', async (output, golden) => {
    const { code, stdout, stderr } = await runProgram(['replay', 'test/recording/fixtures/demo.json', '-o', output]);
    // What this recording does not hold yet (shims) is unknown, not fine.
    const blind = 'pausewatch: judged 9 of 9 sandboxes; node and images could not be judged in full\n';
    expect([code, stderr]).toEqual([1, blind]);
    await expect(steady(stdout)).toMatchFileSnapshot(`golden/${golden}`);
  });
});
