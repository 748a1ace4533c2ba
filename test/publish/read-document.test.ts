/** A /sandboxes document that is read back says of every finding what the agent said. */
import { expect, test } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import type { AuditReport } from '../../src/core/report.ts';
import { explain } from '../../src/core/words/explain.ts';
import { NO_FILTER } from '../../src/publish/documents/filter.ts';
import { renderSandboxes } from '../../src/publish/documents/json.ts';
import { readSandboxesDocument } from '../../src/publish/documents/read-document.ts';
import { auditTwice } from '../core/audits.ts';
import { node, pod, process } from '../core/snapshot-builder.ts';
import { FULL } from '../core/troubled-node.ts';
import { BUSY_NODE } from './busy-node.ts';
import { ENDPOINT, finding, report, sandboxView } from './report-builder.ts';

function readBack(one: AuditReport) {
  return readSandboxesDocument(renderSandboxes(one, NO_FILTER, '/runbooks'));
}

/** What a document tells of a finding, in an order of its own; `podKey`, the start of a process and evidence are not read. */
function tell(findings: readonly Finding[], words: (finding: Finding) => unknown): string[] {
  return findings
    .map((it) => {
      const { podKey: _, startTicks: __, ...subject } = it.subject;
      const facts = Object.entries(subject).toSorted(([a], [b]) => a.localeCompare(b));
      return JSON.stringify([it.id, it.severity, it.confirmed, it.sinceMs, it.atLeast, facts, words(it)]);
    })
    .toSorted();
}

test.each([
  ['the busy node', BUSY_NODE],
  ['a node on which nearly everything is wrong', auditTwice(FULL)],
])('Of %s every finding comes back with its words, and once', (_, one) => {
  const { report: read, explain: words } = readBack(one);
  expect(one.findings.length).toBeGreaterThan(4);
  expect(tell(read.findings, words)).toEqual(tell(one.findings, explain));
});

test('A document with words of its own invention, or of a version to come, is refused and names the field', () => {
  const text = renderSandboxes(BUSY_NODE, NO_FILTER, '/runbooks');
  for (const [field, value] of [
    ['pauseHealth', '\u001b[2J'],
    ['limitFrom', 'moon'],
    ['schemaVersion', 99],
  ] as const) {
    const odd = text.replace(new RegExp(`"${field}":("[^"]*"|\\d+)`), () => `"${field}":${JSON.stringify(value)}`);
    expect(odd).not.toBe(text);
    expect(() => readSandboxesDocument(odd)).toThrow(field);
  }
});

test('Findings that differ by their process alone are several: who holds zombies outside of pods, shims of nothing', () => {
  const zombieOf = (ppid: number) => process(ppid + 1, { ppid, state: 'Z', cgroup: '/system.slice' });
  const daemons = [700, 800].flatMap((pid) => [process(pid, { comm: `daemon${pid}` }), zombieOf(pid)]);
  const held = auditTwice(node({ pods: [pod()], processes: daemons }), 90_000);
  const shims = [6000, 7000].map((pid) => finding('shim-orphaned', 'info', { kind: 'shim', pid }));
  for (const [id, one] of [
    ['zombies-host', held],
    ['shim-orphaned', report({}, shims)],
  ] as const) {
    const pids = (findings: readonly Finding[]) =>
      findings.filter((it) => it.id === id).map(({ subject }) => subject.pid);
    expect(pids(one.findings)).toHaveLength(2);
    expect(pids(readBack(one).report.findings)).toEqual(pids(one.findings));
  }
});

test('A finding of an image counts once, however many sandboxes run on it', () => {
  const image = { kind: 'image', image: 'registry.k8s.io/pause:3.9', runtimeEndpoint: ENDPOINT } as const;
  const unpinned = finding('pause-image-unpinned', 'info', image);
  const sandboxes = ['a', 'b', 'c'].map((name) => sandboxView('default', name, { findings: [unpinned] }));
  const { report: read } = readBack(report({ sandboxes }));
  expect(read.findings).toHaveLength(1);
  expect(read.sandboxes.map(({ findings }) => findings.length)).toEqual([1, 1, 1]);
});
