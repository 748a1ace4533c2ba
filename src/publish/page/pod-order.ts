/** Decides which pods a person sees and in which order: problems on top unless asked otherwise. */
import { type Finding, isAtLeast, SEVERITIES } from '../../core/finding.ts';
import { isFinished, type PodView } from '../pods/pods.ts';
import type { PageQuery, Sort } from './page-query.ts';

/** How a pod is at a glance. `unjudged`: no finding, but some rule could not tell. `over`: finished. */
export type PodMood = (typeof SEVERITIES)[number] | 'unjudged' | 'fine' | 'over';

/** Worst first. */
const MOODS: readonly PodMood[] = [...SEVERITIES, 'unjudged', 'fine', 'over'];

/** How a pod is. */
export function moodOf(pod: PodView): PodMood {
  const worst = pod.findings[0]?.severity;
  if (worst !== undefined) return worst;
  if (pod.shown === undefined) return 'over';
  return pod.sandboxes.some((it) => !isFinished(it) && it.unjudged.length > 0) ? 'unjudged' : 'fine';
}

/** Pods, and all findings of the node in the order in which they are told. */
export interface PodsInOrder {
  readonly pods: readonly PodView[];
  readonly findings: readonly Finding[];
}

/** The pods a query asks for, sorted as it says; equal ones stay in the order of their names. */
export function arrangePods({ pods, findings }: PodsInOrder, query: PageQuery): readonly PodView[] {
  const text = query.text.trim().toLowerCase();
  const shown = pods.filter((pod) => isAskedFor(pod, query, text));
  const places = new Map(findings.map((finding, at) => [finding, at]));
  const keyOf = query.sort === 'problems' ? (pod: PodView): Key => problemKey(pod, places) : KEYS[query.sort];
  const keyed = shown.map((pod) => ({ pod, key: keyOf(pod) }));
  const direction = query.reversed ? -1 : 1;
  keyed.sort((a, b) => direction * compareKeys(a.key, b.key));
  return keyed.map(({ pod }) => pod);
}

function isAskedFor(pod: PodView, { show, finding, severity }: PageQuery, text: string): boolean {
  if (text !== '' && !`${pod.namespace}/${pod.name}`.toLowerCase().includes(text)) return false;
  if (show === 'problems' && pod.findings.length === 0 && moodOf(pod) !== 'unjudged') return false;
  if (finding === undefined && severity === undefined) return true;
  // A finding about an image is not the pod's own, and yet it is what the person followed here.
  return pod.sandboxes.some(({ findings }) =>
    findings.some(
      (it) =>
        (finding === undefined || it.id === finding) && (severity === undefined || isAtLeast(it.severity, severity)),
    ),
  );
}

type Key = readonly (number | string)[];

/** What is sorted by, the most interesting end first; what is unknown comes last. */
const KEYS: Readonly<Record<Exclude<Sort, 'problems'>, (pod: PodView) => Key>> = {
  pod: ({ namespace, name }) => [namespace, name],
  state: ({ shown, sandboxes }) => [(shown ?? sandboxes[0])?.state ?? ''],
  pause: ({ shown }) => [shown === undefined ? 'zz' : shown.pauseHealth],
  zombies: ({ zombies }) => [-(zombies ?? -1)],
  pids: ({ tightest, pids }) => [-(tightest?.utilization ?? -1), -(pids ?? -1)],
  age: ({ shown, sandboxes }) => [(shown ?? sandboxes[0])?.createdAtMs ?? 0],
};

/** Pods stand in the order of the findings above them: worst first, then causes before what they explain. */
function problemKey(pod: PodView, places: ReadonlyMap<Finding, number>): Key {
  const worst = pod.findings.filter(({ severity }) => severity === pod.findings[0]?.severity);
  const place = Math.min(...worst.map((finding) => places.get(finding) ?? 0));
  return [MOODS.indexOf(moodOf(pod)), place, -(pod.zombies ?? -1)];
}

function compareKeys(a: Key, b: Key): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? '';
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
