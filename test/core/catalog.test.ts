/** Every finding of the catalog: fires where it should, is quiet where it should, and says what to do. */
import { describe, expect, test } from 'vitest';
import { CATALOG } from '../../src/core/catalog/catalog.ts';
import { FINDING_IDS } from '../../src/core/finding.ts';
import { explain } from '../../src/core/words/explain.ts';
import { auditTwice, findingsOf, startAudits } from './audits.ts';
import { CHURN_CASES } from './cases-churn.ts';
import { CONTAINER_CASES } from './cases-containers.ts';
import { IMAGE_CASES } from './cases-images.ts';
import { PAUSE_CASES } from './cases-pause.ts';
import { PID_CASES } from './cases-pids.ts';
import { REAPER_CASES } from './cases-reapers.ts';
import { ZOMBIE_CASES } from './cases-zombies.ts';

const CASES = [
  ...CHURN_CASES,
  ...CONTAINER_CASES,
  ...IMAGE_CASES,
  ...PAUSE_CASES,
  ...PID_CASES,
  ...REAPER_CASES,
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

  test('confirms at once all but the two findings that a slow runtime imitates for a minute', () => {
    const slow = CATALOG.filter(({ confirmAfterMs }) => confirmAfterMs > 0);
    expect(slow.map(({ id, confirmAfterMs }) => [id, confirmAfterMs])).toEqual([
      ['pause-dead-containers-running', 60_000],
      ['container-running-dead', 60_000],
    ]);
  });
});

describe.each(CASES)('$id', ({ id, fires, quiet }) => {
  test.each(fires)('fires when $when', ({ node, apartMs, severity, subject, evidence, ...words }) => {
    const found = findingsOf(auditTwice(node, apartMs), id);
    expect(found).toHaveLength(1);
    const [finding] = found;
    if (finding === undefined) throw new Error('one finding');
    expect(finding).toMatchObject({ severity, subject, evidence });
    const { summary, remedy } = explain(finding);
    expect(summary).toMatch(words.summary);
    expect(remedy).toMatch(words.remedy);
    if (words.neverAdvises !== undefined) expect(remedy).not.toMatch(words.neverAdvises);
    expect(`${summary} ${remedy}`).not.toMatch(/undefined|null|unknown|something|NaN|\[object/);
  });

  test.each(quiet)('is quiet when $when', ({ node, apartMs, firstLook }) => {
    const report = firstLook === true ? startAudits().audit(node) : auditTwice(node, apartMs);
    expect(findingsOf(report, id)).toEqual([]);
  });
});
