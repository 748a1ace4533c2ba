/** For every alert that repeats a finding: it waits, fires through a change of level, and ends; others leave it alone. */
import type { Alert } from '../../deploy/source/alert.ts';
import { NODE_FINDING_ALERTS, POD_FINDING_ALERTS } from '../../deploy/source/finding-alerts.ts';
import { during, type Labels, type RuleCase, target } from './rule-case.ts';

const POD = { namespace: 'shop', pod: 'checkout', ...target('node-1') };

function findingOf({ runbook }: Alert): string {
  return runbook.replace(/^findings\/(.*)\.md$/, '$1');
}

function podCase(alert: Alert): RuleCase {
  const { name, forMinutes, keepMinutes } = alert;
  const finding = findingOf(alert);
  const end = forMinutes + 10;
  const half = Math.ceil(forMinutes / 2);
  const of = (level: string, span: readonly [number, number], labels: Labels = {}) =>
    during('pausewatch_pod_finding', { ...POD, finding, level, ...labels }, span);
  return {
    title: `${name}: a pod has the finding, its level rises, it goes`,
    minutes: end + keepMinutes + 10,
    series: [
      of('warning', [0, half]),
      of('critical', [half, end]),
      of('warning', [0, Math.max(0, forMinutes - 2)], { pod: 'passing' }),
      of('warning', [0, end], { pod: 'other', finding: 'zombies-host' }),
    ],
    expect: [
      ...(forMinutes > 0 ? [{ alert: name, minute: forMinutes - 1, firing: [] }] : []),
      { alert: name, minute: forMinutes + 1, firing: [{ labels: { ...POD, finding } }] },
      { alert: name, minute: end + keepMinutes - 2, firing: [{ labels: { ...POD, finding } }] },
      { alert: name, minute: end + keepMinutes + 2, firing: [] },
    ],
  };
}

function nodeCase(alert: Alert): RuleCase {
  const { name, forMinutes, keepMinutes } = alert;
  const finding = findingOf(alert);
  const end = forMinutes + 10;
  const labels = { finding, ...target('node-1') };
  return {
    title: `${name}: a node has the finding, another has none`,
    minutes: end + keepMinutes + 10,
    series: [
      { name: 'pausewatch_findings', labels, at: (minute) => (minute < end ? 2 : 0) },
      { name: 'pausewatch_findings', labels: { finding, ...target('node-2') }, at: () => 0 },
      { name: 'pausewatch_findings', labels: { finding: 'zombies-host', ...target('node-2') }, at: () => 5 },
    ],
    expect: [
      { alert: name, minute: forMinutes - 1, firing: [] },
      { alert: name, minute: forMinutes + 1, firing: [{ labels }] },
      { alert: name, minute: end + keepMinutes + 2, firing: [] },
    ],
  };
}

/** One story per alert of the two lists. */
export const FINDING_CASES: readonly RuleCase[] = [
  ...POD_FINDING_ALERTS.map(podCase),
  ...NODE_FINDING_ALERTS.map(nodeCase),
];
