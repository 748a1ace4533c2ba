/** The answers of /sandboxes, /sandboxes/<id> and /findings. */
import type { SandboxView } from '../../core/report.ts';
import { type Filter, filterQuery, parseFilter } from '../documents/filter.ts';
import { renderFindings, renderSandbox, renderSandboxes } from '../documents/json.ts';
import { listSandboxes } from '../pods/pods.ts';
import { type Content, errorContent, JSON_TYPE, queryErrorContent } from './answer.ts';
import type { Publication } from './publication.ts';

/** Candidates listed when a prefix fits several sandboxes. */
const MAX_CANDIDATES = 20;

/** /sandboxes. */
export function sandboxesContent(publication: Publication, query: URLSearchParams, runbookBase: string): Content {
  return filtered(publication, query, 'sandboxes', (filter) =>
    renderSandboxes(publication.report, filter, runbookBase),
  );
}

/** /findings. */
export function findingsContent(publication: Publication, query: URLSearchParams, runbookBase: string): Content {
  return filtered(publication, query, 'findings', (filter) => renderFindings(publication.report, filter, runbookBase));
}

/** /sandboxes/<id>: a whole id or a prefix that fits one sandbox only. */
export function sandboxContent(publication: Publication, id: string, runbookBase: string): Content {
  const fitting = id === '' ? [] : listSandboxes(publication.report).filter((sandbox) => sandbox.id.startsWith(id));
  const [first, second] = fitting;
  if (first === undefined) return errorContent(404, 'no-such-sandbox', 'No sandbox has an id that begins like this.');
  const found = second === undefined ? first : fitting.find((sandbox) => sandbox.id === id);
  if (found === undefined) return ambiguous(fitting);
  const body = publication.body(`sandbox ${found.id}`, () => renderSandbox(publication.report, found, runbookBase));
  return { status: 200, type: JSON_TYPE, body, tag: `${publication.tag}-sandbox-${found.id.slice(0, 64)}` };
}

function ambiguous(fitting: readonly SandboxView[]): Content {
  const candidates = fitting
    .slice(0, MAX_CANDIDATES)
    .map(({ id, namespace, name, state }) => ({ id, namespace, name, state }));
  const message = `${fitting.length} sandboxes have an id that begins like this.`;
  return errorContent(409, 'ambiguous-id', message, { candidates });
}

function filtered(
  publication: Publication,
  query: URLSearchParams,
  document: string,
  render: (filter: Filter) => string,
): Content {
  const parsed = parseFilter(query);
  if ('error' in parsed) return queryErrorContent(parsed.error);
  const name = `${document}?${filterQuery(parsed.filter)}`;
  const body = publication.body(name, () => render(parsed.filter));
  return { status: 200, type: JSON_TYPE, body, tag: `${publication.tag}-${name}` };
}
