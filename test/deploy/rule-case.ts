/** A story told to promtool: what Prometheus saw minute by minute, and which alerts must be firing when. */
import { type Alert, DOCS_URL } from '../../deploy/source/alert.ts';
import { listAlerts } from '../../deploy/source/rules.ts';

/** Labels of a series. */
export type Labels = Readonly<Record<string, string>>;

/** One series: its value at each minute, undefined where there is none. */
export interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly at: (minute: number) => number | undefined;
}

/** What must be true of an alert at a minute: exactly these fire, with these labels besides severity and owner. */
export interface Expectation {
  readonly alert: string;
  readonly minute: number;
  readonly firing: readonly { readonly labels: Labels; readonly value?: string }[];
}

/** One story. */
export interface RuleCase {
  readonly title: string;
  readonly minutes: number;
  readonly series: readonly Series[];
  readonly expect: readonly Expectation[];
}

/** Labels every target of the shipped relabelling has. */
export function target(node: string): Labels {
  return { job: 'pausewatch', node, instance: node };
}

/** A series with one value from one minute up to, and without, another. */
export function during(name: string, labels: Labels, [from, to]: readonly [number, number], value = 1): Series {
  return { name, labels, at: (minute) => (minute >= from && minute < to ? value : undefined) };
}

/** A series with a value for ever. */
export function always(name: string, labels: Labels, value = 1): Series {
  return { name, labels, at: () => value };
}

/** The alert of this name; throws when there is none, so that no story is told about nothing. */
export function alertNamed(name: string): Alert {
  const found = listAlerts().find((alert) => alert.name === name);
  if (found === undefined) throw new Error(`no alert ${name}`);
  return found;
}

/** A test of promtool's. */
export function toPromtool({ title, minutes, series, expect }: RuleCase): object {
  return {
    name: title,
    interval: '1m',
    input_series: series.map((it) => ({
      series: `${it.name}${renderLabels(it.labels)}`,
      values: renderValues(it, minutes),
    })),
    alert_rule_test: expect.map(({ alert, minute, firing }) => ({
      eval_time: `${minute}m`,
      alertname: alert,
      exp_alerts: firing.map(({ labels, value }) => expectedAlert(alertNamed(alert), labels, value)),
    })),
  };
}

function expectedAlert(alert: Alert, labels: Labels, value: string | undefined): object {
  const { severity, owner, summary, description, runbook } = alert;
  return {
    exp_labels: { ...labels, severity, owner },
    exp_annotations: {
      summary: fillIn(summary, labels, value),
      description: fillIn(description, labels, value),
      runbook_url: `${DOCS_URL}/${runbook}`,
    },
  };
}

/** What the templates must become; written here a second time on purpose. */
function fillIn(text: string, labels: Labels, value: string | undefined): string {
  const pool = labels['pool'] ?? '';
  return text
    .replaceAll('{{ with $labels.pool }} of {{ . }}{{ end }}', pool === '' ? '' : ` of ${pool}`)
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? '')
    .replaceAll(/\{\{ \$value( \| \w+)? \}\}/g, () => value ?? 'a value the story must name');
}

function renderLabels(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;
}

function renderValues({ at }: Series, minutes: number): string {
  let alive = false;
  return Array.from({ length: minutes + 1 }, (_, minute) => {
    const value = at(minute);
    const ended = alive && value === undefined;
    alive = value !== undefined;
    return ended ? 'stale' : (value ?? '_');
  }).join(' ');
}
