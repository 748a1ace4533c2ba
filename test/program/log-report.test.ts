/** What `serve` logs of its reports: each change once, for whoever reads nothing but the log. */
import { expect, test } from 'vitest';
import { createLogger } from '../../src/agent/log.ts';
import { createReportLog } from '../../src/agent/log-report.ts';
import type { Severity } from '../../src/core/finding.ts';
import type { SourceFault } from '../../src/core/model.ts';
import { ENDPOINT, finding, NOW_MS, report } from '../publish/report-builder.ts';

/** Shows reports to a log one after the other; what each added to it, without the line about the first audit. */
function linesOf(reports: readonly ReturnType<typeof report>[]): string[][] {
  let lines: string[] = [];
  const write = (line: string): void => {
    const { level, msg, ...fields } = JSON.parse(line) as Record<string, string>;
    if (msg !== 'first audit done') lines.push([level, msg, fields['severity'] ?? fields['code']].join(' '));
  };
  const logReport = createReportLog(createLogger({ level: 'info', format: 'json', write }));
  return reports.map((it) => {
    lines = [];
    logReport(it);
    return lines;
  });
}

const zombies = (severity: Severity) => report({}, [finding('zombies-host', severity, { kind: 'process', pid: 9 })]);
const TIMEOUT: SourceFault = {
  source: 'runtime',
  endpoint: ENDPOINT,
  code: 'timeout',
  subject: 'ListPodSandbox',
  message: 'no answer',
  count: 1,
};
const runtime = (faults: readonly SourceFault[]) =>
  report({ sources: [{ source: 'runtime', endpoint: ENDPOINT, up: true, answeredAtMs: NOW_MS, faults }] });

test('A finding is logged when it comes, whenever it is worse than it ever was, and when it goes', () => {
  const seen = (['info', 'info', 'critical', 'warning', 'critical', 'info'] as const).map(zombies);
  expect(linesOf([...seen, report(), zombies('warning')])).toEqual([
    ['info finding info'],
    [],
    ['warn finding is worse critical'],
    [],
    [],
    [],
    ['info finding is gone info'],
    ['warn finding warning'],
  ]);
});

test('What could not be read is logged when it is lost and, once that holds, when it is found', () => {
  expect(linesOf([runtime([TIMEOUT, TIMEOUT]), runtime([TIMEOUT]), runtime([]), runtime([]), runtime([])])).toEqual([
    ['warn not everything could be read timeout'],
    [],
    [],
    ['info this can be read again timeout'],
    [],
  ]);
  expect(linesOf([runtime([]), runtime([TIMEOUT]), runtime([{ ...TIMEOUT, code: 'denied' }])])).toEqual([
    [],
    ['warn not everything could be read timeout'],
    ['warn not everything could be read denied'],
  ]);
});

test('What fails every other time is no news every time', () => {
  const flickering = Array.from({ length: 40 }, (_, i) => runtime(i % 2 === 0 ? [TIMEOUT] : []));
  expect(linesOf(flickering).flat()).toEqual(['warn not everything could be read timeout']);
});
