/** A dashboard as Grafana imports it: data source and filters to choose, panels below. */
import { layOut, type PanelSpec } from './panel.ts';

/** What a dashboard is made of besides its panels. */
export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly panels: readonly PanelSpec[];
}

/** A choice at the top of the dashboard. */
export interface Variable {
  readonly name: string;
  /** Label whose values are offered, of this metric. */
  readonly metric: string;
  readonly label: string;
  /** Whether "All" and several values may be chosen. */
  readonly many: boolean;
}

/** Version of Grafana's dashboard schema that is written; newer ones are migrated to by Grafana itself. */
const SCHEMA_VERSION = 39;

/** The dashboard's JSON. */
export function renderDashboard({ uid, title, description, variables, panels }: DashboardSpec): string {
  const dashboard = {
    uid,
    title,
    description,
    tags: ['pausewatch', 'kubernetes'],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    links: [{ type: 'dashboards', title: 'pausewatch', tags: ['pausewatch'], asDropdown: true, includeVars: true }],
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
        ...variables.map(renderVariable),
      ],
    },
    panels: layOut(panels),
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

function renderVariable({ name, metric, label, many }: Variable): object {
  return {
    name,
    label: name,
    type: 'query',
    datasource: { type: 'prometheus', uid: '${datasource}' },
    query: { query: `label_values(${metric}, ${label})`, refId: name },
    refresh: 2,
    sort: 1,
    multi: many,
    includeAll: many,
    ...(many ? { allValue: '.*', current: { text: 'All', value: '$__all' } } : {}),
  };
}
