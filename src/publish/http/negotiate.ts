/** Chooses among what the client accepts: format of the metrics and compression (RFC 9110 sections 12.5.1 and 12.5.3). */

/** The formats of /metrics. */
export type MetricsFormat = 'text' | 'openmetrics';

/** Content-Type of each format. */
export const METRICS_TYPES: Readonly<Record<MetricsFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Versions of OpenMetrics whose readers understand 1.0.0. */
const OPENMETRICS_VERSIONS = new Set([undefined, '0.0.1', '1.0.0']);

interface Range {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/**
 * OpenMetrics when the client names it and wants it at least as much as plain text, else text. What cannot be satisfied
 * (protobuf only, text of another version) gets text too, as the Prometheus content negotiation asks for.
 */
export function chooseFormat(accept: string | undefined): MetricsFormat {
  let openmetrics = 0;
  let text = 0;
  for (const { name, parameters, quality } of parseRanges(accept)) {
    if (name === 'application/openmetrics-text' && OPENMETRICS_VERSIONS.has(parameters.get('version'))) {
      openmetrics = Math.max(openmetrics, quality);
    }
    if (name === 'text/plain' && (parameters.get('version') ?? '0.0.4') === '0.0.4') text = Math.max(text, quality);
  }
  return openmetrics > 0 && openmetrics >= text ? 'openmetrics' : 'text';
}

/** True when gzip is named with a quality above 0, or everything is. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const ranges = parseRanges(acceptEncoding);
  const range =
    ranges.find(({ name }) => name === 'gzip' || name === 'x-gzip') ?? ranges.find(({ name }) => name === '*');
  return range !== undefined && range.quality > 0;
}

/** True when the tag is in an If-None-Match header; compared weakly, as GET asks for. */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const strip = (text: string) => text.trim().replace(/^W\//, '');
  return ifNoneMatch.split(',').some((candidate) => candidate.trim() === '*' || strip(candidate) === strip(tag));
}

function parseRanges(header: string | undefined): readonly Range[] {
  if (header === undefined) return [];
  return header.split(',').map((part) => {
    const [name = '', ...rest] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const parameters = new Map(rest.map((piece) => splitParameter(piece)));
    const quality = Number(parameters.get('q') ?? 1);
    return { name, parameters, quality: quality >= 0 && quality <= 1 ? quality : 0 };
  });
}

function splitParameter(piece: string): [string, string] {
  const at = piece.indexOf('=');
  return at < 0
    ? [piece, '']
    : [
        piece.slice(0, at).trim(),
        piece
          .slice(at + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      ];
}
