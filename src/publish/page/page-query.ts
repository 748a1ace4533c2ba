/** Reads the query of the page at `/`: how its pods are sorted and which are shown; anything unknown is refused. */
import { FINDING_IDS, SEVERITIES, type Severity } from '../../core/finding.ts';
import type { QueryError } from '../documents/filter.ts';

/** Columns that pods can be sorted by; `problems` puts the worst first. */
export const SORTS = ['problems', 'pod', 'state', 'pause', 'zombies', 'pids', 'age'] as const;
export type Sort = (typeof SORTS)[number];

/** Which pods are listed. */
export const SHOWS = ['all', 'problems'] as const;

/** What a person asked the page for. */
export interface PageQuery {
  readonly sort: Sort;
  /** Against the column's usual direction. */
  readonly reversed: boolean;
  /** Part of a pod's `namespace/name`, in any case; empty for every pod. */
  readonly text: string;
  readonly show: (typeof SHOWS)[number];
  /** Pods with a finding of this id only. */
  readonly finding: string | undefined;
  /** Pods with a finding as bad as this, or worse. */
  readonly severity: Severity | undefined;
}

/** The page as it comes without a query. */
export const PLAIN_QUERY: PageQuery = {
  sort: 'problems',
  reversed: false,
  text: '',
  show: 'all',
  finding: undefined,
  severity: undefined,
};

/** Longest text to search for: a name of Kubernetes has at most 253 characters. */
const MAX_TEXT = 300;

/** Values of each parameter; undefined where any text may stand. An empty value is as good as none: forms send it. */
const PARAMETERS: Readonly<Record<string, readonly string[] | undefined>> = {
  q: undefined,
  sort: SORTS,
  order: ['usual', 'reversed'],
  show: SHOWS,
  finding: FINDING_IDS,
  severity: SEVERITIES,
};

/** Reads a query; the first thing it does not know is the error. Of a repeated parameter the last one counts. */
export function parsePageQuery(
  parameters: URLSearchParams,
): { readonly query: PageQuery } | { readonly error: QueryError } {
  for (const [name, value] of parameters) {
    const allowed = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : null;
    if (allowed === null) {
      const message = `There is no parameter "${name}" here.`;
      return { error: { code: 'unknown-parameter', message, allowed: Object.keys(PARAMETERS) } };
    }
    if (value !== '' && allowed !== undefined && !allowed.includes(value)) {
      return { error: { code: 'unknown-value', message: `"${name}" cannot be "${value}".`, allowed } };
    }
  }
  const last = (name: string): string | undefined => parameters.getAll(name).at(-1) || undefined;
  return {
    query: {
      sort: SORTS.find((it) => it === last('sort')) ?? PLAIN_QUERY.sort,
      reversed: last('order') === 'reversed',
      text: (last('q') ?? '').slice(0, MAX_TEXT),
      show: SHOWS.find((it) => it === last('show')) ?? PLAIN_QUERY.show,
      finding: last('finding'),
      severity: SEVERITIES.find((it) => it === last('severity')),
    },
  };
}

/** The page's address with some of the query changed; what is as usual is left out. */
export function pageHref(query: PageQuery, change: Partial<PageQuery> = {}, fragment = ''): string {
  const { sort, reversed, text, show, finding, severity } = { ...query, ...change };
  const parts = new URLSearchParams();
  if (text !== '') parts.set('q', text);
  if (sort !== PLAIN_QUERY.sort) parts.set('sort', sort);
  if (reversed) parts.set('order', 'reversed');
  if (show !== PLAIN_QUERY.show) parts.set('show', show);
  if (finding !== undefined) parts.set('finding', finding);
  if (severity !== undefined) parts.set('severity', severity);
  return `/${parts.size > 0 ? `?${parts.toString()}` : ''}${fragment}`;
}
