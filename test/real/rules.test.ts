/** Every alert fires when it must, stays quiet when it must, ends, and says what it should: Prometheus' promtool is the judge. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listAlerts } from '../../deploy/source/rules.ts';
import { FINDING_CASES } from '../deploy/cases-findings.ts';
import { FLEET_CASES } from '../deploy/cases-fleet.ts';
import { GROWTH_CASES } from '../deploy/cases-growth.ts';
import { RECORDING_TESTS } from '../deploy/cases-recordings.ts';
import { checkRules, type PromtoolOutcome, testRules } from '../deploy/prometheus-tools.ts';
import { alertNamed, always, type RuleCase, target, toPromtool } from '../deploy/rule-case.ts';

const RULES = readFileSync('deploy/prometheus/rules.yaml', 'utf8');
const CASES: readonly RuleCase[] = [...FINDING_CASES, ...FLEET_CASES, ...GROWTH_CASES];

/** Lines of a test that failed; none when it passed. */
function complaints({ passed, output }: PromtoolOutcome): readonly string[] {
  return passed ? [] : output.split('\n').slice(0, 80);
}

test('promtool accepts the rules', async () => {
  expect(await checkRules(RULES)).toMatchObject({ passed: true, output: expect.stringContaining('SUCCESS') });
});

test.each([
  ['findings', FINDING_CASES],
  ['fleet, agents, leaks, images', FLEET_CASES],
  ['growth', GROWTH_CASES],
] as const)(
  'Alerts fire, stay quiet and end as the stories of %s say',
  async (_, cases) => {
    expect(complaints(await testRules(RULES, cases.map(toPromtool)))).toEqual([]);
  },
  120_000,
);

test('Recording rules answer for the fleet', async () => {
  expect(complaints(await testRules(RULES, RECORDING_TESTS))).toEqual([]);
});

test('There is a story in which it fires, and one in which it does not, for every alert', () => {
  for (const { name } of listAlerts()) {
    const told = CASES.flatMap(({ expect }) => expect).filter(({ alert }) => alert === name);
    expect({ name, fires: told.some(({ firing }) => firing.length > 0) }).toEqual({ name, fires: true });
    expect({ name, quiet: told.some(({ firing }) => firing.length === 0) }).toEqual({ name, quiet: true });
  }
});

test('A story that is not true is refused', async () => {
  const { name } = alertNamed('PausewatchAgentDown');
  const untrue: RuleCase = {
    title: 'up, and yet said to be down',
    minutes: 30,
    series: [always('up', target('node-1'))],
    expect: [{ alert: name, minute: 20, firing: [{ labels: target('node-1') }] }],
  };
  expect(await testRules(RULES, [toPromtool(untrue)])).toMatchObject({ passed: false });
  expect(() => alertNamed('PausewatchUnheardOf')).toThrow('no alert PausewatchUnheardOf');
});
