/** Puts alerts and recording rules together as Prometheus reads them, at full length or scaled down for a test. */
import { stringify } from 'yaml';
import { type Alert, DOCS_URL, durationText, type Recording, scaleRanges } from './alert.ts';
import { NODE_FINDING_ALERTS, POD_FINDING_ALERTS } from './finding-alerts.ts';
import { growthAlerts } from './growth-alerts.ts';
import { PAGING_ALERTS } from './paging-alerts.ts';
import { platformAlerts } from './platform-alerts.ts';
import { RECORDINGS } from './recordings.ts';

/** Every alert, those that wake somebody first. */
export function listAlerts(scale = 1): readonly Alert[] {
  return [
    ...PAGING_ALERTS,
    ...growthAlerts(scale),
    ...POD_FINDING_ALERTS,
    ...NODE_FINDING_ALERTS,
    ...platformAlerts(scale),
  ].map((alert) => ({ ...alert, expr: scaleRanges(alert.expr, scale) }));
}

/** Labels of an alert besides those of its series. */
export function labelsOf({ severity, owner }: Alert): Readonly<Record<string, string>> {
  return { severity, owner };
}

/** Annotations of an alert. */
export function annotationsOf({ summary, description, runbook }: Alert): Readonly<Record<string, string>> {
  return { summary, description, runbook_url: `${DOCS_URL}/${runbook}` };
}

/** The groups of a rule file. With `scale` 1/60 what takes a minute takes a second. */
function ruleGroups(scale = 1): readonly object[] {
  const alerts = listAlerts(scale);
  const of = (severity: Alert['severity']) => alerts.filter((alert) => alert.severity === severity);
  return [
    { name: 'pausewatch-recordings', rules: RECORDINGS.map((recording) => recordingRule(recording, scale)) },
    { name: 'pausewatch-pages', rules: of('critical').map((alert) => alertRule(alert, scale)) },
    { name: 'pausewatch-tickets', rules: of('warning').map((alert) => alertRule(alert, scale)) },
  ];
}

function recordingRule({ record, expr }: Recording, scale: number): object {
  return { record, expr: scaleRanges(expr, scale) };
}

function alertRule(alert: Alert, scale: number): object {
  return {
    alert: alert.name,
    expr: alert.expr,
    ...(alert.forMinutes === 0 ? {} : { for: durationText(alert.forMinutes, scale) }),
    ...(alert.keepMinutes === 0 ? {} : { keep_firing_for: durationText(alert.keepMinutes, scale) }),
    labels: labelsOf(alert),
    annotations: annotationsOf(alert),
  };
}

const GENERATED = 'Generated from deploy/source: npm run golden writes it anew.';

/** A YAML document that says where it comes from. */
export function renderYaml(content: object): string {
  return `# ${GENERATED}\n${stringify(content, { lineWidth: 0 })}`;
}

/** The rule file for a Prometheus that reads files. */
export function renderRuleFile(scale = 1): string {
  return renderYaml({ groups: ruleGroups(scale) });
}

/** The same for the Prometheus operator. */
export function renderPrometheusRule(): string {
  return renderYaml({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'pausewatch' },
    spec: { groups: ruleGroups() },
  });
}
