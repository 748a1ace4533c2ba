/** The few kinds of Grafana panels pausewatch's dashboards are made of, as Grafana's JSON has them. */

/** A query of a panel. */
export interface Query {
  readonly expr: string;
  /** Template of the series' name, `{{label}}`. */
  readonly legend?: string;
}

/** What a dashboard is written as. */
export interface PanelSpec {
  readonly title: string;
  /** What it shows and when to act; every panel has one. */
  readonly description: string;
  readonly kind: 'stat' | 'timeseries' | 'table' | 'bargauge';
  /** Of 24 columns. */
  readonly width: number;
  readonly height: number;
  readonly queries: readonly Query[];
  /** Grafana's name of the unit. */
  readonly unit?: 'short' | 'percentunit' | 's' | 'bytes';
  /** Values from which it turns yellow and red. */
  readonly thresholds?: readonly [warning: number, critical: number];
  /** For tables: labels to show, in order; the value comes last. */
  readonly columns?: readonly string[];
}

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

/** Lays panels out from left to right, and numbers them. */
export function layOut(panels: readonly PanelSpec[]): readonly object[] {
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return panels.map((panel, index) => {
    if (x + panel.width > 24) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    const gridPos = { x, y, w: panel.width, h: panel.height };
    x += panel.width;
    rowHeight = Math.max(rowHeight, panel.height);
    return renderPanel(panel, index + 1, gridPos);
  });
}

function renderPanel(panel: PanelSpec, id: number, gridPos: object): object {
  return {
    id,
    type: panel.kind,
    title: panel.title,
    description: panel.description,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: { defaults: fieldDefaults(panel), overrides: [] },
    options: optionsOf(panel),
    targets: panel.queries.map((query, index) => renderQuery(panel, query, String.fromCodePoint(65 + index))),
    ...(panel.columns === undefined ? {} : { transformations: tableColumns(panel.columns) }),
  };
}

function fieldDefaults({ unit, thresholds }: PanelSpec): object {
  const steps = [
    { color: 'green', value: null },
    ...(thresholds === undefined
      ? []
      : [
          { color: 'yellow', value: thresholds[0] },
          { color: 'red', value: thresholds[1] },
        ]),
  ];
  return {
    unit: unit ?? 'short',
    min: 0,
    color: { mode: thresholds === undefined ? 'palette-classic' : 'thresholds' },
    thresholds: { mode: 'absolute', steps },
  };
}

function optionsOf({ kind }: PanelSpec): object {
  switch (kind) {
    case 'stat':
      return { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value', graphMode: 'area' };
    case 'bargauge':
      return { reduceOptions: { calcs: ['lastNotNull'] }, orientation: 'horizontal', displayMode: 'basic' };
    case 'timeseries':
      return { legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] } };
    case 'table':
      return { showHeader: true };
    default:
      return kind satisfies never;
  }
}

function renderQuery({ kind }: PanelSpec, { expr, legend }: Query, refId: string): object {
  const instant = kind !== 'timeseries' && kind !== 'stat';
  return {
    refId,
    datasource: DATASOURCE,
    expr,
    legendFormat: legend ?? '__auto',
    instant,
    range: !instant,
    ...(kind === 'table' ? { format: 'table' } : {}),
  };
}

function tableColumns(columns: readonly string[]): readonly object[] {
  return [
    { id: 'merge', options: {} },
    {
      id: 'filterFieldsByName',
      options: { include: { names: [...columns, 'Value', 'Value #A', 'Value #B', 'Value #C'] } },
    },
    { id: 'organize', options: { indexByName: Object.fromEntries(columns.map((name, index) => [name, index])) } },
  ];
}
