/** A redacted recording, and one that was written and read back, are judged like the looks themselves. */
import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Subject } from '../../src/core/finding.ts';
import type { NodeSnapshot } from '../../src/core/model.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import type { AuditReport } from '../../src/core/report.ts';
import { readRecording, redactLooks, writeRecording } from '../../src/recording/recording.ts';
import { auditLooks } from '../../src/sources/looks.ts';
import { randomLooks } from './random-looks.ts';

/** What the random nodes suffer from. */
const KINDS = [
  'container-init-zombie',
  'container-running-dead',
  'pause-dead-containers-running',
  'pause-image-legacy-registry',
  'pause-image-missing',
  'pause-image-too-old',
  'pause-not-reaping',
  'pause-pid-mismatch',
  'pause-stopped',
  'pause-zombie',
  'runtime-unreachable',
  'zombies-app-parent',
  'zombies-container-init',
  'zombies-runtime',
] as const;

const SALT = Buffer.alloc(32, 9);

function auditAll(snapshots: readonly NodeSnapshot[]): readonly AuditReport[] {
  return [...auditLooks({ settleMs: 2000, snapshots }, DEFAULT_POLICY)].map(({ report }) => report);
}

/** Words for names: of pods by the id of their sandbox, of containers by place. */
function namesOf(looks: readonly NodeSnapshot[]): readonly string[] {
  return looks.flatMap(({ runtimes }) =>
    runtimes.flatMap(({ sandboxes, containers }) => [
      ...sandboxes.flatMap(({ namespace, name }) => [`ns ${namespace}`, `pod ${name}`]),
      ...containers.map(({ name }) => `ctr ${name}`),
    ]),
  );
}

/** What is concluded, in an order that names do not decide; `rename` gives a name its other form. */
function conclusions(report: AuditReport, rename: (name: string) => string): unknown {
  const renamed = (kind: string, name: string | undefined) =>
    name === undefined ? undefined : rename(`${kind} ${name}`);
  const subjectOf = ({ namespace, pod, container, kind, sandboxId, pid, image, runtimeEndpoint }: Subject) => [
    renamed('ns', namespace),
    renamed('pod', pod),
    renamed('ctr', container),
    kind,
    sandboxId,
    pid,
    image,
    runtimeEndpoint,
  ];
  const findings = report.findings.map(({ id, severity, confirmed, sinceMs, atLeast, subject }) =>
    JSON.stringify([id, severity, confirmed, sinceMs, atLeast, subjectOf(subject)]),
  );
  const sandboxes = report.sandboxes.map((it) => {
    const { id, pauseHealth, noPauseReason, pids, pidsLimitHits, image, unjudged, namespaces, zombies } = it;
    const containers = it.containers
      .map((one) => JSON.stringify([one.id, one.state, one.pid, one.zombies, one.init?.reaps]))
      .toSorted();
    const inodes = Object.values(namespaces).map(({ inode, heldByPause, sharedBy }) => [
      inode,
      heldByPause,
      sharedBy.length,
    ]);
    const parents = zombies.items.map(({ pid, parent }) => `${pid} ${parent?.pid} ${parent?.kind}`).toSorted();
    const facts = [
      pauseHealth,
      noPauseReason,
      it.pause?.reaps,
      pids,
      pidsLimitHits,
      image,
      unjudged,
      inodes,
      zombies.count,
    ];
    return JSON.stringify([id, facts, containers, parents, it.findings.map((one) => one.id).toSorted()]);
  });
  const { complete, unjudged, nodeView, newSandboxes, pauseDeaths, pauseImages } = report;
  const node = {
    complete,
    unjudged,
    nodeView,
    newSandboxes,
    pauseDeaths,
    pauseImages: JSON.stringify(pauseImages.map(({ images }) => images.map((it) => JSON.stringify(it)).toSorted())),
  };
  return { node, findings: findings.toSorted(), sandboxes: sandboxes.toSorted() };
}

/** Expects that both are judged alike; tells which findings there were. */
function expectSameVerdicts(looks: readonly NodeSnapshot[]): readonly string[] {
  const redacted = redactLooks(looks, SALT);
  const [plainNames, hashedNames] = [namesOf(looks), namesOf(redacted)];
  const hashes = new Map(plainNames.map((name, index) => [name, hashedNames[index] ?? '']));
  const [plain, hashed] = [auditAll(looks), auditAll(redacted)];
  const rename = (name: string): string => hashes.get(name) ?? `no hash of ${name}`;
  expect(hashed.map((it) => conclusions(it, (name) => name))).toEqual(plain.map((it) => conclusions(it, rename)));
  return plain.flatMap(({ findings }) => findings.map(({ id, severity }) => `${id} ${severity}`));
}

test('Redaction changes no verdict: same findings, severities and subjects under hashed names', () => {
  fc.assert(
    fc.property(randomLooks, (looks) => void expectSameVerdicts(looks)),
    { numRuns: 50 },
  );
}, 60_000);

test('Redaction changes no verdict of any kind', () => {
  const seen = new Set(fc.sample(randomLooks, { numRuns: 100, seed: 42 }).flatMap(expectSameVerdicts));
  // A property over nodes on which nothing is wrong would prove nothing.
  const kinds = new Set([...seen].map((it) => it.split(' ')[0]));
  expect(KINDS.filter((kind) => !kinds.has(kind))).toEqual([]);
  expect([...seen].filter((it) => it.endsWith('critical')).length).toBeGreaterThan(5);
}, 60_000);

test('Redaction changes no verdict on a real node', () => {
  const { looks } = readRecording(readFileSync('test/recording/fixtures/demo.json', 'utf8'));
  const seen = new Set(expectSameVerdicts(looks).map((it) => it.split(' ')[0]));
  expect(seen.size).toBeGreaterThanOrEqual(7);
});

const NODES = 'test/recording/fixtures/nodes';

test.each(readdirSync(NODES))('Redaction changes no verdict on the node of %s', (file) => {
  const { looks } = readRecording(readFileSync(`${NODES}/${file}`, 'utf8'));
  expect(expectSameVerdicts(looks)).toContain('zombies-app-parent info');
});

test('Writing and reading change nothing, redacted or not', () => {
  fc.assert(
    fc.property(randomLooks, fc.boolean(), (plain, redacted) => {
      const looks = redacted ? redactLooks(plain, SALT) : plain;
      const recording = { schemaVersion: 2, toolVersion: '0.1.0', redacted, settleMs: 2000, looks };
      expect(readRecording(writeRecording(recording))).toEqual(recording);
    }),
    { numRuns: 100 },
  );
});
