/** Reads the query of /sandboxes and /findings: repeated means or, different means and, anything unknown is refused. */
import { FINDING_IDS, type Finding, isAtLeast, SEVERITIES, type Severity } from '../../core/finding.ts';
import type { SandboxState } from '../../core/model.ts';
import type { SandboxView } from '../../core/report.ts';

/** What to show; an empty list filters nothing. */
export interface Filter {
  readonly namespaces: readonly string[];
  readonly pods: readonly string[];
  readonly findings: readonly string[];
  /** The mildest of the severities asked for; that or worse is shown. */
  readonly severity: Severity | undefined;
  readonly states: readonly string[];
  readonly view: 'full' | 'brief';
}

/** The filter that shows everything. */
export const NO_FILTER: Filter = {
  namespaces: [],
  pods: [],
  findings: [],
  severity: undefined,
  states: [],
  view: 'full',
};

/** Why a query was refused. */
export interface QueryError {
  readonly code: 'unknown-parameter' | 'unknown-value';
  readonly message: string;
  readonly allowed: readonly string[];
}

const VIEWS = ['full', 'brief'] as const;
const STATES = ['ready', 'notready'] as const satisfies readonly SandboxState[];

/** Values of each parameter; undefined where any name may be asked for. */
const PARAMETERS: Readonly<Record<string, readonly string[] | undefined>> = {
  namespace: undefined,
  pod: undefined,
  finding: FINDING_IDS,
  severity: SEVERITIES,
  state: STATES,
  view: VIEWS,
};

/** Reads a query; the first thing it does not know is the error. */
export function parseFilter(query: URLSearchParams): { readonly filter: Filter } | { readonly error: QueryError } {
  for (const [name, value] of query) {
    const error = checkParameter(name, value);
    if (error !== undefined) return { error };
  }
  const severities = query.getAll('severity');
  return {
    filter: {
      namespaces: query.getAll('namespace'),
      pods: query.getAll('pod'),
      findings: query.getAll('finding'),
      severity: SEVERITIES.findLast((severity) => severities.includes(severity)),
      states: query.getAll('state'),
      view: query.getAll('view').at(-1) === 'brief' ? 'brief' : 'full',
    },
  };
}

/** The filter as a query, one for all queries that select the same: sorted, each value once, what changes nothing left out. */
export function filterQuery({ namespaces, pods, findings, severity, states, view }: Filter): string {
  const parameters = {
    namespace: namespaces,
    pod: pods,
    finding: findings,
    severity: severity === undefined ? [] : [severity],
    state: states,
    view: view === 'full' ? [] : [view],
  };
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries<readonly string[]>(parameters)) {
    for (const value of [...new Set(values)].toSorted()) query.append(name, value);
  }
  return query.toString();
}

/** True when the sandbox is to be shown: one finding of it has to meet both `finding` and `severity`. */
export function matchesSandbox(filter: Filter, sandbox: SandboxView): boolean {
  if (!isAmong(filter.namespaces, sandbox.namespace)) return false;
  if (!isAmong(filter.pods, sandbox.name)) return false;
  if (!isAmong(filter.states, sandbox.state)) return false;
  if (filter.findings.length === 0 && filter.severity === undefined) return true;
  return sandbox.findings.some((finding) => isOfKind(filter, finding));
}

/** The same for a finding; one about the node or an image is of no namespace, pod or state. */
export function matchesFinding(filter: Filter, finding: Finding, states: ReadonlyMap<string, SandboxState>): boolean {
  const { namespace, pod, sandboxId } = finding.subject;
  if (!isAmong(filter.namespaces, namespace)) return false;
  if (!isAmong(filter.pods, pod)) return false;
  if (!isAmong(filter.states, states.get(sandboxId ?? ''))) return false;
  return isOfKind(filter, finding);
}

/** The same for a finding about the node or an image of it. */
export function matchesNodeFinding(filter: Filter, finding: Finding): boolean {
  return matchesFinding(filter, finding, new Map());
}

function isOfKind(filter: Filter, finding: Finding): boolean {
  if (!isAmong(filter.findings, finding.id)) return false;
  return filter.severity === undefined || isAtLeast(finding.severity, filter.severity);
}

function isAmong(wanted: readonly string[], value: string | undefined): boolean {
  return wanted.length === 0 || (value !== undefined && wanted.includes(value));
}

function checkParameter(name: string, value: string): QueryError | undefined {
  if (!Object.hasOwn(PARAMETERS, name)) {
    const message = `There is no parameter ${JSON.stringify(name)}.`;
    return { code: 'unknown-parameter', message, allowed: Object.keys(PARAMETERS) };
  }
  const allowed = PARAMETERS[name];
  if (allowed === undefined || allowed.includes(value)) return undefined;
  const message = `${JSON.stringify(value)} is not a value of ${name}.`;
  return { code: 'unknown-value', message, allowed };
}
