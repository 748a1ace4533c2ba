/** The few numbers a person wants first: pods fine, with findings, not judged; findings by severity; what was not seen. */
import { type Finding, isAtLeast, SEVERITIES, type Severity } from '../../core/finding.ts';
import type { AuditReport, SourceView } from '../../core/report.ts';
import { isFinished, listPods, type PodView } from './pods.ts';

/** Counts of one report. */
export interface Summary {
  /** Pods that are not finished, and finished ones with findings. */
  readonly pods: number;
  readonly fine: number;
  /** Of those that are fine: on an image about which there is a warning, or worse. */
  readonly onImageToReplace: number;
  readonly withFindings: number;
  /** No finding, but some rule could not judge it: not fine. */
  readonly notJudged: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** Confirmed zombies of all pods; undefined when no pod knows. */
  readonly zombies: number | undefined;
}

/** Counts a report; `pods` are those of the report, if they are at hand. */
export function summarize(report: AuditReport, pods: readonly PodView[] = listPods(report)): Summary {
  const bySeverity = { critical: 0, warning: 0, info: 0 };
  for (const finding of report.findings) bySeverity[finding.severity]++;
  let [fine, onImageToReplace, withFindings, notJudged] = [0, 0, 0, 0];
  let zombies: number | undefined;
  for (const pod of pods) {
    if (pod.zombies !== undefined) zombies = (zombies ?? 0) + pod.zombies;
    if (pod.findings.length > 0) withFindings++;
    else if (pod.shown === undefined) continue;
    else if (isJudged(pod)) {
      fine++;
      if (listImageFindings(pod).some(({ severity }) => isAtLeast(severity, 'warning'))) onImageToReplace++;
    } else notJudged++;
  }
  const counts = { fine, onImageToReplace, withFindings, notJudged };
  return { pods: fine + withFindings + notJudged, ...counts, bySeverity, zombies };
}

/** Findings about the image of a pod: a pod is none the worse for them, and yet they are why one looks at it. */
export function listImageFindings({ sandboxes }: PodView): readonly Finding[] {
  const going = sandboxes.filter((sandbox) => !isFinished(sandbox));
  return going.flatMap(({ findings }) => findings.filter(({ subject }) => subject.kind === 'image'));
}

/** "4 of 9 pods fine (2 of them on an image to replace)". */
export function describeFine({ fine, pods, onImageToReplace }: Summary): string {
  const those = onImageToReplace === fine ? (fine === 1 ? '' : 'all ') : `${onImageToReplace} of them `;
  return `${fine} of ${pods} pods fine${onImageToReplace === 0 ? '' : ` (${those}on an image to replace)`}`;
}

/** "2026-11-23 06:36:41 UTC". */
export function describeTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** "2 critical, 1 warning", worst first; empty without findings. */
export function describeSeverities(bySeverity: Readonly<Record<Severity, number>>): string {
  const counts = SEVERITIES.filter((severity) => bySeverity[severity] > 0);
  return counts.map((severity) => `${bySeverity[severity]} ${severity}`).join(', ');
}

/** What the sources could not show, "procfs: 97 denied"; empty when everything was seen. */
export function listBlindSpots(report: AuditReport): readonly string[] {
  const several = report.sources.filter((source) => source.source === 'runtime').length > 1;
  return report.sources.flatMap((source) => describeSource(source, several) ?? []);
}

/** What is said of a finding that one audit saw; where there is no room the first word of it. */
export const NEW = 'new, not yet confirmed';
export const SHORT_NEW = 'new';

/** "new, not yet confirmed", "for 3 h 12 min", "for at least 2 d 4 h": how long a finding has held. */
export function describeAge(finding: Pick<Finding, 'confirmed' | 'atLeast' | 'sinceMs'>, nowMs: number): string {
  if (!finding.confirmed) return NEW;
  return `for ${finding.atLeast ? 'at least ' : ''}${describeDuration(nowMs - finding.sinceMs)}`;
}

/** The two largest units of a duration. */
export function describeDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

function isJudged(pod: PodView): boolean {
  const open = pod.sandboxes.filter((sandbox) => !isFinished(sandbox));
  return open.every(({ unjudged }) => unjudged.length === 0);
}

/** The endpoint is named only where it tells one runtime from another. */
function describeSource({ source, endpoint, up, faults }: SourceView, several: boolean): string | undefined {
  if (up && faults.length === 0) return undefined;
  const counts = new Map<string, number>();
  for (const { code, count } of faults) counts.set(code, (counts.get(code) ?? 0) + count);
  const causes = [...counts].map(([code, count]) => `${count} ${code}`);
  const name = endpoint === undefined || !several ? source : `${source} ${endpoint.replace(/^unix:\/\//, '')}`;
  return `${name}: ${[...(up ? [] : ['no answer']), ...causes].join(', ')}`;
}
