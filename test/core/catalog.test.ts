/** Every finding of the catalog: fires where it should, is quiet where it should, and says what to do. */
import { describe, expect, test } from 'vitest';
import { CATALOG } from '../../src/core/catalog/catalog.ts';
import { EVIDENCE } from '../../src/core/evidence/evidence.ts';
import { WORD_VALUES } from '../../src/core/evidence/worded.ts';
import { FINDING_IDS, type FindingId } from '../../src/core/finding.ts';
import { explain } from '../../src/core/words/explain.ts';
import { auditChange, findingsOf, startAudits } from './audits.ts';
import { CHURN_CASES } from './cases-churn.ts';
import { CONTAINER_CASES } from './cases-containers.ts';
import { HANG_CASES } from './cases-hangs.ts';
import { IMAGE_NAME_CASES } from './cases-image-names.ts';
import { IMAGE_REGISTRY_CASES } from './cases-image-registry.ts';
import { IMAGE_CASES } from './cases-images.ts';
import { LEAK_CASES } from './cases-leaks.ts';
import { NOT_REAPING_CASES } from './cases-not-reaping.ts';
import { ORPHAN_CASES } from './cases-orphans.ts';
import { PAUSE_CASES } from './cases-pause.ts';
import { PAUSE_PROGRAM_CASES } from './cases-pause-program.ts';
import { PID_CASES } from './cases-pids.ts';
import { PIN_CASES } from './cases-pins.ts';
import { PLACEMENT_CASES } from './cases-placement.ts';
import { REAPER_CASES } from './cases-reapers.ts';
import { RUNTIME_INFO_CASES } from './cases-runtime-info.ts';
import { ZOMBIE_CASES } from './cases-zombies.ts';
import { RUNTIME_ZOMBIE_CASES } from './cases-zombies-runtime.ts';

const CASES = [
  ...CHURN_CASES,
  ...CONTAINER_CASES,
  ...HANG_CASES,
  ...IMAGE_CASES,
  ...IMAGE_NAME_CASES,
  ...IMAGE_REGISTRY_CASES,
  ...LEAK_CASES,
  ...NOT_REAPING_CASES,
  ...ORPHAN_CASES,
  ...PAUSE_CASES,
  ...PAUSE_PROGRAM_CASES,
  ...PID_CASES,
  ...PIN_CASES,
  ...PLACEMENT_CASES,
  ...REAPER_CASES,
  ...RUNTIME_INFO_CASES,
  ...RUNTIME_ZOMBIE_CASES,
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

/** The words that a piece of evidence may have as its value; undefined where it is no word. */
function wordsFor(id: string, key: string): readonly string[] | undefined {
  const ofFinding: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = WORD_VALUES;
  return ofFinding[id]?.[key];
}

test('The table of evidence names every word that a value may be', () => {
  for (const [id, keys] of Object.entries(WORD_VALUES)) {
    for (const [key, words] of Object.entries(keys)) {
      const described = (EVIDENCE[id as FindingId][key] ?? '').split(/[^a-z-]+/);
      for (const word of words) expect(described, `${id}.${key}`).toContain(word);
    }
  }
});

test('Every reason that sentences are chosen by is given in some case', () => {
  const given = new Set(
    CASES.flatMap(({ id, fires }) =>
      fires.flatMap(({ evidence }) => Object.entries(evidence).map(([key, value]) => `${id}.${key}=${value}`)),
    ),
  );
  const chosenBy = new Set(['reason', 'why', 'explainedBy', 'holderKind', 'record']);
  const words = Object.entries(WORD_VALUES).flatMap(([id, keys]) =>
    Object.entries(keys).flatMap(([key, values]) =>
      chosenBy.has(key) ? values.map((word: string) => `${id}.${key}=${word}`) : [],
    ),
  );
  // PID 1 of the node is never a part of the runtime: its zombies are zombies-host.
  const never = 'zombies-runtime.holderKind=init';
  expect(words.filter((word) => !given.has(word))).toEqual([never]);
});

describe.each(CASES)('$id', ({ id, fires, quiet }) => {
  test.each(fires)('fires when $when', ({ severity, subject, evidence, ...looks }) => {
    const found = findingsOf(auditChange(looks), id);
    expect(found).toHaveLength(1);
    const [finding] = found;
    if (finding === undefined) throw new Error('one finding');
    expect(finding).toMatchObject({ severity, subject, evidence });
    for (const [key, value] of Object.entries(finding.evidence)) {
      expect(EVIDENCE[id]).toHaveProperty(key);
      const words = wordsFor(id, key);
      if (words !== undefined && value !== null)
        expect(words, `${id}.${key}`).toEqual(expect.arrayContaining([value].flat()));
    }
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
