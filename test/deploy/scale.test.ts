/** docs/scale.md counts right: its figures are those of a rendered node and of the arithmetic it shows. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RECORDINGS } from '../../deploy/source/recordings.ts';
import { FINDING_IDS } from '../../src/core/finding.ts';
import { samplesOf } from '../publish/metrics-builder.ts';
import { report, sandboxView } from '../publish/report-builder.ts';

const page = readFileSync('docs/scale.md', 'utf8');
const PODS = 110;
const NODES = 5000;

async function seriesOf(pods: number): Promise<number> {
  const sandboxes = Array.from({ length: pods }, (_, i) => sandboxView('default', `web-${i}`));
  return (await samplesOf(report({ sandboxes }))).length;
}

test('A healthy pod has five series', async () => {
  const [one, all] = [await seriesOf(1), await seriesOf(PODS)];
  expect((all - one) / (PODS - 1)).toBe(5);
  expect(page).toContain('| each healthy pod | 5 |');
});

test('The page adds up: series of a node, of the fleet, samples per second', () => {
  const number = (row: string) =>
    Number(new RegExp(`^\\| ${row} \\| ([\\d,]+) \\|`, 'm').exec(page)?.[1]?.replaceAll(',', '') ?? Number.NaN);
  const [self, pods, node] = [number('the node and the agent'), number(`${PODS} healthy pods`), number('together')];
  expect(pods).toBe(PODS * 5);
  expect(node).toBe(self + pods);
  expect(number('5,000 such nodes')).toBe(NODES * node);
  expect(number('samples per second, at one scrape in 30 s')).toBe(Math.round((NODES * node) / 30));
});

test('The part that does not depend on pods is no more than the page says', async () => {
  const stated = Number(/^\| the node and the agent \| (\d+) \|/m.exec(page)?.[1]);
  // One series per finding; the process's own nine are not in the rendered report.
  const counted = (await seriesOf(0)) + 9;
  expect(counted).toBeLessThanOrEqual(stated);
  expect(stated - counted).toBeLessThan(60);
  expect(stated).toBeGreaterThanOrEqual(FINDING_IDS.length);
});

test('The page lists every recording rule', () => {
  for (const { record } of RECORDINGS) expect(page).toContain(`\`${record}\``);
});
