/** Turns pods into samples, as many as fit under the cap. */
import type { AuditReport, PauseHealth } from '../../core/report.ts';
import { labelValue, listPods, type PodView } from '../pods/pods.ts';
import { createSamples, type Samples } from './families.ts';
import type { Ledger } from './ledger.ts';
import { imageLabels } from './node-samples.ts';

/**
 * Adds the families of pods, whole pods only, up to `maxSeries` samples. Answers how many were left out.
 */
export function addPodSamples(samples: Samples, report: AuditReport, ledger: Ledger, maxSeries: number): number {
  const pods = listPods(report)
    .filter((pod) => pod.shown !== undefined)
    .map((pod) => ({ pod, own: samplesOfPod(pod, ledger) }));
  const kept = new Set<Samples>();
  let room = maxSeries;
  let dropped = 0;
  for (const { own } of [...pods].sort((a, b) => byImportance(a.pod, b.pod))) {
    if (own.count > room) {
      dropped += own.count;
      continue;
    }
    kept.add(own);
    room -= own.count;
  }
  for (const { own } of pods) {
    if (kept.has(own)) samples.append(own);
  }
  return dropped;
}

/** Who is kept first when not all fit: findings, then zombies; the sort is stable, so then the name. */
function byImportance(a: PodView, b: PodView): number {
  const hasFinding = (pod: PodView) => Number(pod.findings.some((finding) => finding.confirmed));
  return hasFinding(b) - hasFinding(a) || (b.zombies ?? 0) - (a.zombies ?? 0);
}

function samplesOfPod(pod: PodView, ledger: Ledger): Samples {
  const samples = createSamples();
  const { shown } = pod;
  if (shown === undefined) return samples;
  const labels = { namespace: pod.namespace, pod: pod.name };
  samples.add(
    'pausewatch_pod_sandbox_info',
    {
      ...labels,
      uid: labelValue(shown.uid),
      pid_mode: shown.pidMode ?? '',
      runtime_handler: labelValue(shown.runtimeHandler),
      ...(shown.image === undefined ? { image: '', version: '' } : imageLabels(shown.image)),
    },
    1,
  );
  samples.add('pausewatch_pod_pause_up', labels, pauseUp(shown.pauseHealth));
  samples.add('pausewatch_pod_zombies', labels, pod.zombies);
  samples.add('pausewatch_pod_oldest_zombie_first_seen_timestamp_seconds', labels, oldestZombieSeconds(pod));
  samples.add('pausewatch_pod_pids', labels, pod.pids);
  samples.add('pausewatch_pod_pids_utilization_ratio', labels, pod.tightest?.utilization);
  if (ledger.hadZombies(pod.namespace, pod.name)) addContainers(samples, pod, labels);
  addFindings(samples, pod, labels);
  return samples;
}

function addContainers(samples: Samples, pod: PodView, labels: { namespace: string; pod: string }): void {
  const zombies = new Map<string, number>();
  for (const container of pod.sandboxes.flatMap((sandbox) => sandbox.containers)) {
    if (container.zombies === undefined) continue;
    const name = labelValue(container.name);
    zombies.set(name, (zombies.get(name) ?? 0) + container.zombies);
  }
  for (const [container, count] of zombies)
    samples.add('pausewatch_container_zombies', { ...labels, container }, count);
}

/** Findings come worst first, so the first of an id is its worst. */
function addFindings(samples: Samples, pod: PodView, labels: { namespace: string; pod: string }): void {
  const seen = new Set<string>();
  for (const { id, severity, confirmed } of pod.findings) {
    if (!confirmed || seen.has(id)) continue;
    seen.add(id);
    samples.add('pausewatch_pod_finding', { ...labels, finding: id, level: severity }, 1);
  }
}

function oldestZombieSeconds(pod: PodView): number | undefined {
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const sandbox of pod.sandboxes) {
    for (const zombie of sandbox.zombies.items) oldestMs = Math.min(oldestMs, zombie.firstSeenMs);
  }
  return oldestMs / 1000;
}

function pauseUp(health: PauseHealth): number | undefined {
  switch (health) {
    case 'alive':
      return 1;
    case 'dead':
    case 'dying':
    case 'zombie':
    case 'stopped':
    case 'mismatch':
      return 0;
    case 'none':
    case 'unknown':
      return undefined;
    default:
      return health satisfies never;
  }
}
