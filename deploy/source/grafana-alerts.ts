/** The same alerts as Grafana provisions them (its file provisioning of alerting, apiVersion 1). */
import { createHash } from 'node:crypto';
import { type Alert, durationText } from './alert.ts';
import { annotationsOf, labelsOf, listAlerts, renderYaml } from './rules.ts';

/** Name of the data source's uid; Grafana's provisioning replaces it from its environment. */
const DATASOURCE = '$PAUSEWATCH_DATASOURCE_UID';

/** The provisioning file. The recording rules stay with Prometheus; no alert rests on one. */
export function renderGrafanaAlerts(): string {
  const alerts = listAlerts();
  const group = (name: string, severity: Alert['severity']) => ({
    orgId: 1,
    name,
    folder: 'pausewatch',
    interval: '1m',
    rules: alerts.filter((alert) => alert.severity === severity).map(grafanaRule),
  });
  return renderYaml({ apiVersion: 1, groups: [group('pages', 'critical'), group('tickets', 'warning')] });
}

function grafanaRule(alert: Alert): object {
  return {
    uid: `pw${createHash('sha256').update(alert.name).digest('hex').slice(0, 12)}`,
    title: alert.name,
    condition: 'B',
    data: [
      {
        refId: 'A',
        relativeTimeRange: { from: 600, to: 0 },
        datasourceUid: DATASOURCE,
        model: { refId: 'A', expr: escapeDollars(alert.expr), instant: true, range: false },
      },
      // Prometheus fires on every series there is, also on those that are 0.
      {
        refId: 'B',
        relativeTimeRange: { from: 600, to: 0 },
        datasourceUid: '__expr__',
        model: { refId: 'B', type: 'math', expression: escapeDollars('$A * 0 + 1') },
      },
    ],
    noDataState: 'OK',
    execErrState: 'Error',
    for: durationText(alert.forMinutes, 1),
    ...(alert.keepMinutes === 0 ? {} : { keepFiringFor: durationText(alert.keepMinutes, 1) }),
    labels: labelsOf(alert),
    annotations: Object.fromEntries(
      Object.entries(annotationsOf(alert)).map(([name, text]) => [name, escapeDollars(grafanaTemplate(text))]),
    ),
    isPaused: false,
  };
}

/** Grafana hands values to templates by the query they come from. */
function grafanaTemplate(text: string): string {
  return text.replaceAll('$value', '$values.A.Value');
}

/** Grafana expands environment variables in provisioning files; a doubled dollar is a dollar. */
function escapeDollars(text: string): string {
  return text.replaceAll('$', '$$$$');
}
