/** A recording is read back as it was written; whatever else a file holds is one sentence that names the place. */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NodeSnapshot, SNAPSHOT_SCHEMA_VERSION } from '../../src/core/model.ts';
import { RecordingError } from '../../src/recording/codec.ts';
import { type Recording, readRecording, writeRecording } from '../../src/recording/recording.ts';
import { auditTwice, idsOf, startAudits } from '../core/audits.ts';
import { node, pod, zombies } from '../core/snapshot-builder.ts';
import { FULL_LOOK, leavesOf, withLeaf } from './full-look.ts';

const RECORDING: Recording = {
  schemaVersion: SNAPSHOT_SCHEMA_VERSION,
  toolVersion: '0.1.0',
  redacted: false,
  settleMs: 2000,
  looks: [FULL_LOOK, { ...FULL_LOOK, takenAtMs: FULL_LOOK.takenAtMs + 2000 }],
};

/** What reading a text says is wrong with it. */
function complaintAbout(written: string): string {
  try {
    readRecording(written);
  } catch (error) {
    expect(error).toBeInstanceOf(RecordingError);
    return error instanceof Error ? error.message : '';
  }
  return 'nothing';
}

/** The recording with one value changed. */
const changed = (path: readonly (string | number)[], value: unknown): string =>
  JSON.stringify(withLeaf(RECORDING, path, value));

describe('reading', () => {
  test('gives back every field of the model', () => {
    const absent = [...leavesOf(FULL_LOOK)].filter(({ value }) => value === undefined);
    expect(absent).toEqual([]);
    const read = readRecording(writeRecording(RECORDING));
    expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(RECORDING)));
  });

  test('gives back nodes as the tests of the rules build them, with every fact that is absent absent', () => {
    const look = node({
      pods: [pod('web'), pod('gone', { base: 2000, pause: null })],
      processes: zombies(3, 9000, 1010),
      runtime: { images: undefined, configuredPauseImage: undefined },
      kernel: { pidMax: undefined },
    });
    expect(readRecording(writeRecording({ ...RECORDING, looks: [look] })).looks).toEqual([look]);
  });

  test('takes null for absent, ignores what it does not know, and takes a byte order mark', () => {
    const extra = { ...FULL_LOOK, later: { deep: [1] }, kernel: { ...FULL_LOOK.kernel, pidMax: null, psi: 3 } };
    const [look] = readRecording(`\uFEFF${JSON.stringify({ ...RECORDING, looks: [extra] })}`).looks;
    expect(look).toEqual({ ...FULL_LOOK, kernel: { ...FULL_LOOK.kernel, pidMax: undefined } });
  });

  test('takes a file with one bare snapshot', () => {
    expect(readRecording(JSON.stringify(FULL_LOOK))).toEqual({
      schemaVersion: SNAPSHOT_SCHEMA_VERSION,
      toolVersion: undefined,
      redacted: false,
      settleMs: 2000,
      looks: [FULL_LOOK],
    });
  });

  test.each([
    ['a bare snapshot', { ...FULL_LOOK, schemaVersion: 1 }],
    ['a recording', { ...RECORDING, schemaVersion: 1, looks: [{ ...FULL_LOOK, schemaVersion: 1 }] }],
  ])('lifts %s of version 1', (_, old) => {
    const read = readRecording(JSON.stringify(old));
    expect([read.schemaVersion, read.looks]).toEqual([SNAPSHOT_SCHEMA_VERSION, [FULL_LOOK]]);
  });
});

test('A file of version 1 is judged like the same look in a recording of today', () => {
  const [old, today] = ['version-1', 'demo'].map((name) =>
    readRecording(readFileSync(`test/recording/fixtures/${name}.json`, 'utf8')),
  );
  const [look, second] = [old?.looks[0], today?.looks[1]];
  if (look === undefined || second === undefined) throw new Error('the fixtures hold looks');
  expect(look).toEqual(second);
  expect(idsOf(auditTwice(look))).toContain('pause-stopped');
});

describe('a field that a recording lacks', () => {
  const broken = node({
    pods: [pod('web', { pause: { state: 'T' } }), pod('shared', { base: 2000, sandbox: { pidMode: 'pod' } })],
    processes: zombies(12, 9000, 1010),
  });
  const wrong = idsOf(auditTwice(broken));

  test('is unknown or refused with its place, never a reason to call a node broken in another way', () => {
    expect(wrong.length).toBeGreaterThan(0);
    const leaves = [...leavesOf(broken)].filter(({ path }) => typeof path.at(-1) === 'string');
    for (const { path } of leaves) {
      const written = JSON.stringify(withLeaf(broken, path, undefined));
      const complaint = complaintAbout(written);
      if (complaint !== 'nothing') {
        expect(complaint).toMatch(/^(looks\[0\]\.\S+|schemaVersion) is not .+ but missing$/);
        continue;
      }
      const [read] = readRecording(written).looks;
      const report = auditTwice(read ?? broken);
      expect({
        path,
        more: idsOf(report).filter((id) => !wrong.includes(id) && id !== 'runtime-info-incomplete'),
      }).toEqual({ path, more: [] });
    }
  });

  test('leaves the audit incomplete when it is the processes', () => {
    const read = readRecording(JSON.stringify(withLeaf(broken, ['kernel', 'procfsUp'], false)));
    const audits = startAudits();
    for (const look of read.looks) expect(audits.audit(look).complete).toBe(false);
  });
});

describe('a file that is no recording', () => {
  const place = ['looks', 0, 'kernel', 'processes', 1];

  test.each([
    ['is empty', '', 'it is empty'],
    ['holds blanks', ' \n\t', 'it is empty'],
    ['is something else', 'hello', /^it is not JSON/],
    ['is a page', '<html>\n<body>', /^it is not JSON/],
    [
      'was cut off',
      writeRecording(RECORDING).slice(0, 3000),
      /^it is not JSON: it ends in the middle, after 3000 char/,
    ],
    ['has a slip in it', `{"schemaVersion": 2,\n "looks": [}`, 'it is not JSON at line 2, column 12'],
    ['holds a list', '[]', 'the recording is not an object but a list'],
    ['holds null', 'null', 'the recording is not an object but null'],
    ['holds a number', '7', 'the recording is not an object but 7'],
    ['holds another object', '{"a":1}', 'schemaVersion is not a whole number of at least 0 but missing'],
    ['has no looks', changed(['looks'], []), 'looks is empty: there is nothing to judge'],
    ['has one thing for looks', changed(['looks'], 3), 'looks is not a list but 3'],
    ['holds NaN', '{"schemaVersion":NaN}', /^it is not JSON/],
    [
      'is of a version to come',
      changed(['schemaVersion'], 99),
      /^schemaVersion is 99: another pausewatch wrote this, .* 1 to 2$/,
    ],
    ['is of no version', changed(['schemaVersion'], 0), /^schemaVersion is 0/],
    [
      'has a version in words',
      changed(['schemaVersion'], '2'),
      'schemaVersion is not a whole number of at least 0 but "2"',
    ],
    [
      'has a negative PID',
      changed([...place, 'pid'], -5),
      /^looks\[0\]\.kernel\.processes\[1\]\.pid is not .* but -5$/,
    ],
    ['has half a PID', changed([...place, 'pid'], 1.5), /processes\[1\]\.pid is not a whole number/],
    ['has a number beyond numbers', changed([...place, 'pid'], 7).replace('"pid":7,', '"pid":1e999,'), /\.pid is not/],
    ['has a time beyond time', changed(['looks', 0, 'takenAtMs'], 1e300), /takenAtMs is not a time .* but 1e\+300$/],
    ['has a number for a text', changed([...place, 'comm'], 7), /comm is not a text but 7$/],
    ['has a text for a list', changed(['looks', 0, 'faults'], 'x'), /^looks\[0\]\.faults is not a list but "x"$/],
    [
      'has an unknown state',
      changed(['looks', 0, 'runtimes', 0, 'sandboxes', 0, 'state'], 'odd'),
      /state is not one of ready, notready but "odd"$/,
    ],
    [
      'has an unknown kind',
      changed(['looks', 0, 'runtimes', 0, 'sandboxes', 0, 'pause'], { kind: 'toString' }),
      /pause\.kind is not one of/,
    ],
    ['has a long wrong value', changed([...place, 'pid'], 'x'.repeat(9999)), /^.{20,240}$/],
  ])('because it %s is refused in one sentence', (_, written, complaint) => {
    const said = complaintAbout(written);
    if (typeof complaint === 'string') expect(said).toBe(complaint);
    else expect(said).toMatch(complaint);
    expect(said.split('\n')).toHaveLength(1);
  });

  test('is refused however deep it goes', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(complaintAbout(deep)).toBe('the recording is not an object but a list');
    expect(complaintAbout(`{"schemaVersion":2,"looks":[${deep}]}`)).toBe('looks[0] is not an object but a list');
    expect(complaintAbout(JSON.stringify(RECORDING).replace('"looks":', `"later":${deep},"looks":`))).toBe('nothing');
  });

  test('changes nothing outside of itself by the names of its keys', () => {
    const keys = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const cgroupOf = `{${keys.map((key) => `"${key}":"/${key}"`).join(',')}}`;
    const cgroup = '{"__proto__":{"current":9},"path":"/x","current":1}';
    const cgroups = `{${keys.map((key) => `"${key}":${cgroup}`).join(',')}}`;
    const sandboxes = keys.map((id) => ({ ...FULL_LOOK.runtimes[0]?.sandboxes[0], id }));
    const look: NodeSnapshot = withLeaf(FULL_LOOK, ['runtimes', 0, 'sandboxes'], sandboxes);
    const written = JSON.stringify(look)
      .replace(
        /"cgroups":\{.*\},"cgroupOf":\{[^}]*\}/,
        `"cgroups":${cgroups},"cgroupOf":${cgroupOf},"__proto__":{"polluted":1}`,
      )
      .replace('"unknown":{', '"unknown":{"__proto__":"denied",');
    const [read] = readRecording(written).looks;
    if (read === undefined) throw new Error('a look');
    expect(Object.keys(read.kernel.cgroupOf)).toEqual(keys);
    expect(read.kernel.cgroups['__proto__']).toEqual({ path: '/x', current: 1 });
    expect(read.kernel.cgroupOf['valueOf']).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(
      auditTwice(read)
        .sandboxes.map(({ id }) => id)
        .toSorted(),
    ).toEqual(keys.toSorted());
  });

  test('whatever it holds is read or refused, and nothing else happens', () => {
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 1e300, '', '__proto__', null, [], {}, true));
    const leaves = [...leavesOf(RECORDING)].map(({ path }) => path);
    fc.assert(
      fc.property(fc.constantFrom(...leaves), values, fc.nat(6), (path, value, depth) => {
        const complaint = complaintAbout(changed(path.slice(0, path.length - depth || 1), value));
        expect(complaint.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});
