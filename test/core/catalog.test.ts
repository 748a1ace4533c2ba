/** Every finding of the catalog: fires where it should, is quiet where it should, and says what to do. */
import { describe, expect, test } from 'vitest';
import { CATALOG } from '../../src/core/catalog/catalog.ts';
import { EVIDENCE } from '../../src/core/evidence/evidence.ts';
import { FINDING_IDS } from '../../src/core/finding.ts';
import { explain } from '../../src/core/words/explain.ts';
import { auditChange, findingsOf, startAudits } from './audits.ts';
import { CHURN_CASES } from './cases-churn.ts';
import { CONTAINER_CASES } from './cases-containers.ts';
import { HANG_CASES } from './cases-hangs.ts';
import { IMAGE_NAME_CASES } from './cases-image-names.ts';
import { IMAGE_CASES } from './cases-images.ts';
import { LEAK_CASES } from './cases-leaks.ts';
import { ORPHAN_CASES } from './cases-orphans.ts';
import { PAUSE_CASES } from './cases-pause.ts';
import { PAUSE_PROGRAM_CASES } from './cases-pause-program.ts';
import { PID_CASES } from './cases-pids.ts';
import { PLACEMENT_CASES } from './cases-placement.ts';
import { REAPER_CASES } from './cases-reapers.ts';
import { RUNTIME_INFO_CASES } from './cases-runtime-info.ts';
import { ZOMBIE_CASES } from './cases-zombies.ts';

const CASES = [
  ...CHURN_CASES,
  ...CONTAINER_CASES,
  ...HANG_CASES,
  ...IMAGE_CASES,
  ...IMAGE_NAME_CASES,
  ...LEAK_CASES,
  ...ORPHAN_CASES,
  ...PAUSE_CASES,
  ...PAUSE_PROGRAM_CASES,
  ...PID_CASES,
  ...PLACEMENT_CASES,
  ...REAPER_CASES,
  ...RUNTIME_INFO_CASES,
  ...ZOMBIE_CASES,
];

describe('the catalog', () => {
  test('has cases for every finding, firing and quiet', () => {
    const told = CASES.filter(({ fires, quiet }) => fires.length > 0 && quiet.length > 0).map(({ id }) => id);
    expect(new Set(told)).toEqual(new Set(CATALOG.map(({ id }) => id)));
    expect(told).toHaveLength(CATALOG.length);
  });

  test('lists every id once, in the order of causes', () => {
    expect(CATALOG.map(({ id }) => id)).toEqual([...FINDING_IDS]);
  });

  test('gives every finding a title and a meaning that stand for themselves', () => {
    for (const { id, title, meaning } of CATALOG) {
      expect(title, id).toMatch(/^[A-Z][^.]{5,60}$/);
      expect(meaning, id).toMatch(/^[A-Z].{40,}\.$/);
    }
  });

  test('confirms at once all but what a slow runtime imitates for a minute, and leaks, which take an hour to be one', () => {
    const slow = CATALOG.filter(({ confirmAfterMs }) => confirmAfterMs > 0);
    expect(slow.map(({ id, confirmAfterMs }) => [id, confirmAfterMs])).toEqual([
      ['pause-dead-containers-running', 60_000],
      ['orphan-process', 60_000],
      ['container-running-dead', 60_000],
      ['sandbox-duplicate', 60_000],
      ['sandbox-leaked-ready', 3_600_000],
      ['sandbox-leaked-notready', 3_600_000],
      ['shim-orphaned', 3_600_000],
    ]);
  });
});

describe.each(CASES)('$id', ({ id, fires, quiet }) => {
  test.each(fires)('fires when $when', ({ severity, subject, evidence, ...looks }) => {
    const found = findingsOf(auditChange(looks), id);
    expect(found).toHaveLength(1);
    const [finding] = found;
    if (finding === undefined) throw new Error('one finding');
    expect(finding).toMatchObject({ severity, subject, evidence });
    for (const key of Object.keys(finding.evidence)) expect(EVIDENCE[id]).toHaveProperty(key);
    const { summary, remedy } = explain(finding);
    expect(summary).toMatch(looks.summary);
    expect(remedy).toMatch(looks.remedy);
    if (looks.neverAdvises !== undefined) expect(remedy).not.toMatch(looks.neverAdvises);
    expect(`${summary} ${remedy}`).not.toMatch(/undefined|null|unknown|something|NaN|\[object/);
  });

  test.each(quiet)('is quiet when $when', (looks) => {
    const report = looks.firstLook === true ? startAudits().audit(looks.node) : auditChange(looks);
    expect(findingsOf(report, id)).toEqual([]);
  });
});
