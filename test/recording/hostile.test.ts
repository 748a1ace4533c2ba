/** Whatever a file says that can be read at all can be judged and shown: no output throws, none lets a control through. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import type { AuditReport } from '../../src/core/report.ts';
import { explain } from '../../src/core/words/explain.ts';
import { NO_FILTER } from '../../src/publish/documents/filter.ts';
import { renderSandboxes } from '../../src/publish/documents/json.ts';
import { renderText } from '../../src/publish/metrics/exposition.ts';
import { createLedger } from '../../src/publish/metrics/ledger.ts';
import { renderMetrics } from '../../src/publish/metrics/metrics.ts';
import { renderLandingPage } from '../../src/publish/page/page.ts';
import { renderLine, renderTable } from '../../src/publish/terminal/table.ts';
import { RecordingError } from '../../src/recording/codec.ts';
import { type Recording, readRecording } from '../../src/recording/recording.ts';
import { auditLooks } from '../../src/sources/looks.ts';
import { node, pod, zombies } from '../core/snapshot-builder.ts';
import { METRICS_OPTIONS, STATS } from '../publish/metrics-builder.ts';
import { FULL_LOOK, leavesOf, withLeaf } from './full-look.ts';

const BROKEN = node({
  pods: [pod('web', { pause: { state: 'T' } }), pod('gone', { base: 2000, pause: null })],
  processes: zombies(3, 9000, 1010),
});
const RECORDINGS = [FULL_LOOK, BROKEN].map((look) => ({ schemaVersion: 2, settleMs: 100, looks: [look, look] }));

const hostile = fc.oneof(
  fc.constantFrom<unknown>(0, -1, 1, 8.64e15, -8.64e15, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, Number.MIN_VALUE),
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    '\u0000',
    '\u001b[2J',
    '"} 1\n# TYPE x y\n',
    '\ud800',
    '<script>',
    '/',
    '../..',
  ),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.jsonValue(),
);

/** Undefined for what is refused, as it should be. */
function readOrRefuse(written: string): Recording | undefined {
  try {
    return readRecording(written);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return undefined;
  }
}

/** Controls that a terminal or a scraper would act on. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

async function showEverywhere(report: AuditReport): Promise<void> {
  const table = { columns: 100, colour: false, all: true, explain };
  const blocks = await renderMetrics(report, STATS, createLedger(), METRICS_OPTIONS);
  const page = { stale: false, recorded: true, telemetryPath: '/metrics', runbookBase: '/runbooks', version: '1' };
  for (const text of [
    renderTable(report, table),
    renderLine(report),
    renderText(blocks),
    renderLandingPage(report, page),
  ]) {
    expect(text).not.toMatch(CONTROL);
  }
  expect(JSON.parse(renderSandboxes(report, NO_FILTER, '/runbooks'))).toHaveProperty('sandboxes');
}

test('A value that is read, however odd, is judged and shown', async () => {
  const places = RECORDINGS.flatMap((recording) => [...leavesOf(recording)].map(({ path }) => ({ recording, path })));
  let shown = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), hostile, async ({ recording, path }, value) => {
      const read = readOrRefuse(JSON.stringify(withLeaf(recording, path, value)));
      if (read === undefined) return;
      shown++;
      for (const { report } of auditLooks({ settleMs: read.settleMs, snapshots: read.looks }, DEFAULT_POLICY))
        await showEverywhere(report);
    }),
    { numRuns: 300 },
  );
  expect(shown).toBeGreaterThan(50);
}, 60_000);
