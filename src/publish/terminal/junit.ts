/** The report as JUnit XML, for pipelines that bring nodes up: one suite per node, one test case per pod. */

import { type Finding, isAtLeast, type Severity } from '../../core/finding.ts';
import type { AuditReport } from '../../core/report.ts';
import type { Explanation } from '../../core/words/facts.ts';
import { describeSubject } from '../pods/describe-subject.ts';
import { atLeast } from '../pods/narrow.ts';
import { isAboutPod, isFinished, listPods, type PodView } from '../pods/pods.ts';
import { listBlindSpots } from '../pods/summary.ts';
import { visible } from '../text/clean-text.ts';

/** How to judge and word the cases. */
export interface JunitOptions {
  /** Findings of this severity or worse fail their case. */
  readonly failOn: Severity | 'never';
  /** Findings of this severity or worse are told. */
  readonly severity: Severity;
  readonly explain: (finding: Finding) => Explanation;
  /** The report is of some namespaces only: what concerns the whole node is no case. */
  readonly podsOnly: boolean;
  /** Why nothing can be concluded about the node at all; undefined when it can. */
  readonly couldNotLook: string | undefined;
}

/** What one test case says: a failure outweighs a skip, and a case has one of them at most. */
interface Case {
  readonly className: string;
  readonly name: string;
  readonly findings: readonly Finding[];
  /** Nothing could be concluded. */
  readonly error?: string | undefined;
  /** Some rule could not judge it: neither passed nor failed. */
  readonly skipped?: string | undefined;
}

/** Renders the document; the elements and attributes are those that Jenkins, GitLab and their like read. */
export function renderJunit(report: AuditReport, options: JunitOptions): string {
  const cases = [...(options.podsOnly ? [] : listNodeCases(report, options)), ...listPodCases(report)];
  const rendered = cases.map((it) => renderCase(it, options));
  const count = (outcome: Outcome) => rendered.filter((it) => it.outcome === outcome).length;
  const counts = { tests: cases.length, failures: count('failure'), errors: count('error') };
  const timestamp = new Date(report.takenAtMs).toISOString().slice(0, 19);
  const node = report.node;
  const suite = { name: node, ...counts, skipped: count('skipped'), timestamp, hostname: node, time: 0 };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'pausewatch', ...counts, time: 0 })}>`,
    `<testsuite${attributes(suite)}>`,
    ...rendered.map(({ xml }) => xml),
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** The node itself, and each pause image something was found about. */
function listNodeCases(report: AuditReport, { couldNotLook, severity }: JunitOptions): readonly Case[] {
  const byName = new Map<string, Finding[]>([['node', []]]);
  for (const finding of report.findings) {
    if (isAboutPod(finding)) continue;
    const name = finding.subject.kind === 'node' ? 'node' : describeSubject(finding.subject);
    byName.set(name, [...(byName.get(name) ?? []), finding]);
  }
  const blind = report.complete ? '' : listBlindSpots(report).join('; ');
  return [...byName].map(([name, findings]) => ({
    className: 'node',
    name,
    findings: atLeast(findings, severity),
    error: name === 'node' ? couldNotLook : undefined,
    skipped: name === 'node' && blind !== '' ? `could not see ${blind}` : undefined,
  }));
}

/** Pods that run, and finished ones something was found about. */
function listPodCases(report: AuditReport): readonly Case[] {
  const cases: Case[] = [];
  for (const pod of listPods(report)) {
    if (pod.shown === undefined && pod.findings.length === 0) continue;
    const { namespace: className, name, findings } = pod;
    cases.push({ className, name, findings, skipped: notJudged(pod) });
  }
  return cases;
}

function notJudged({ sandboxes }: PodView): string | undefined {
  const reasons = new Set(sandboxes.filter((it) => !isFinished(it)).flatMap(({ unjudged }) => unjudged));
  return reasons.size === 0 ? undefined : `not judged: ${[...reasons].join(', ')}`;
}

type Outcome = 'passed' | 'failure' | 'error' | 'skipped';

/** Milder findings do not fail a case; they are told as its output. */
function renderCase(it: Case, options: JunitOptions): { readonly outcome: Outcome; readonly xml: string } {
  const { failOn, explain, severity } = options;
  const findings = atLeast(it.findings, severity);
  const failing = failOn === 'never' ? [] : findings.filter((finding) => isAtLeast(finding.severity, failOn));
  const mild = findings.filter((finding) => !failing.includes(finding));
  const [worst] = failing;
  const head = `<testcase${attributes({ classname: it.className || '-', name: it.name || '-', time: 0 })}`;
  const wrap = (outcome: Outcome, verdict: string) => {
    const output = mild.length === 0 ? '' : `<system-out>${xmlText(describeAll(mild, explain))}</system-out>`;
    return { outcome, xml: verdict + output === '' ? `${head}/>` : `${head}>${verdict}${output}</testcase>` };
  };
  if (it.error !== undefined) {
    return wrap('error', `<error${attributes({ type: 'could-not-look', message: it.error })}/>`);
  }
  if (worst !== undefined) {
    const more = failing.length === 1 ? '' : ` (and ${failing.length - 1} more)`;
    const facts = { type: worst.id, message: `${worst.id}: ${explain(worst).summary}${more}` };
    return wrap('failure', `<failure${attributes(facts)}>${xmlText(describeAll(failing, explain))}</failure>`);
  }
  if (it.skipped !== undefined) return wrap('skipped', `<skipped${attributes({ message: it.skipped })}/>`);
  return wrap('passed', '');
}

/** Line breaks are ours; everything else is cleaned. */
function describeAll(findings: readonly Finding[], explain: JunitOptions['explain']): string {
  const paragraphs = findings.map((finding) => {
    const { summary, remedy } = explain(finding);
    const container = finding.subject.container === undefined ? '' : ` container ${finding.subject.container}`;
    return [`${finding.severity} ${finding.id}${container}`, summary, `-> ${remedy}`].map(visible).join('\n');
  });
  return paragraphs.join('\n\n');
}

function attributes(facts: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(facts).map(([name, value]) => ` ${name}="${xmlText(visible(String(value)))}"`);
  return pairs.join('');
}

/** XML 1.0 has no way at all to write two characters that are no characters; the other illegal ones are cleaned away. */
function xmlText(cleaned: string): string {
  return cleaned
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
