/** Turns the parts of a report that are about the agent and the node into samples. */

import { FINDING_IDS, subjectKey } from '../../core/finding.ts';
import { canonicalName, type ImageRef } from '../../core/image-ref.ts';
import { FAULT_CODES } from '../../core/model.ts';
import type { AuditReport, HeldBy, PauseImageView } from '../../core/report.ts';
import { labelValue, listSandboxes } from '../pods/pods.ts';
import type { LabelsOf, Samples } from './families.ts';
import { AUDIT_PHASES, type AuditStats, type LedgerTotals, listFaultTotals } from './ledger.ts';

/** Facts of the running program that become labels. */
export interface BuildInfo {
  readonly version: string;
  readonly revision: string;
  readonly nodejsVersion: string;
  /** Architecture of the node, in Go's words as Kubernetes labels it: amd64, arm64. */
  readonly arch: string;
  /** Hash of the policy in force. */
  readonly policyHash: string;
}

/** Adds the families of the agent. */
export function addAgentSamples(
  samples: Samples,
  report: AuditReport,
  stats: AuditStats,
  totals: LedgerTotals,
  build: BuildInfo,
): void {
  samples.add(
    'pausewatch_build_info',
    { version: build.version, revision: build.revision, nodejs_version: build.nodejsVersion },
    1,
  );
  for (const { source, endpoint, up } of report.sources) {
    samples.add('pausewatch_source_up', { source, endpoint: labelValue(endpoint) }, up ? 1 : 0);
  }
  for (const { source, code, count } of listFaultTotals(totals)) {
    samples.add('pausewatch_source_faults_total', { source, code }, count);
  }
  for (const phase of AUDIT_PHASES)
    samples.add('pausewatch_audit_duration_seconds', { phase }, stats.phaseSeconds[phase]);
  samples.add('pausewatch_audits_total', {}, totals.audits);
  samples.add('pausewatch_audits_skipped_total', {}, totals.auditsSkipped);
  samples.add('pausewatch_last_audit_timestamp_seconds', {}, report.takenAtMs / 1000);
}

/** Adds the families of the node. */
export function addNodeSamples(samples: Samples, report: AuditReport, totals: LedgerTotals, build: BuildInfo): void {
  samples.add('pausewatch_policy_info', { hash: build.policyHash }, 1);
  for (const { endpoint, name, version, flavour } of report.runtimes) {
    const labels = {
      endpoint: labelValue(endpoint),
      name: labelValue(name),
      version: labelValue(version),
      flavour,
      arch: build.arch,
    };
    samples.add('pausewatch_runtime_info', labels, 1);
  }
  for (const reason of FAULT_CODES) samples.add('pausewatch_unjudged_subjects', { reason }, report.unjudged[reason]);
  addSandboxCounts(samples, report, totals);
  addFindingCounts(samples, report);
  addImageSamples(samples, report);
  addPidsSamples(samples, report, totals);
}

function addSandboxCounts(samples: Samples, report: AuditReport, totals: LedgerTotals): void {
  const sandboxes = listSandboxes(report);
  for (const state of ['ready', 'notready'] as const) {
    samples.add('pausewatch_sandboxes', { state }, sandboxes.filter((sandbox) => sandbox.state === state).length);
  }
  samples.add('pausewatch_sandboxes_seen_total', {}, totals.sandboxesSeen);
  for (const reason of ['signal', 'exit', 'oom', 'unknown'] as const) {
    samples.add('pausewatch_pause_deaths_total', { reason }, totals.pauseDeaths[reason]);
  }
}

function addFindingCounts(samples: Samples, report: AuditReport): void {
  for (const id of FINDING_IDS) {
    const subjects = new Set<string>();
    for (const finding of report.findings) {
      if (finding.id === id && finding.confirmed) subjects.add(subjectKey(finding.subject));
    }
    samples.add('pausewatch_findings', { finding: id }, subjects.size);
  }
}

/** Two runtimes, or two spellings, may name one image: their sandboxes add up, and it is pinned when it is so everywhere. */
function addImageSamples(samples: Samples, report: AuditReport): void {
  const byLabels = new Map<string, { labels: LabelsOf<'pausewatch_pause_image_sandboxes'>; views: PauseImageView[] }>();
  for (const view of report.pauseImages.flatMap((runtime) => runtime.images)) {
    const { image, version } = imageLabels(view.image);
    const labels = { image, image_id: labelValue(view.imageId), version };
    const key = JSON.stringify(labels);
    const entry = byLabels.get(key) ?? { labels, views: [] };
    entry.views.push(view);
    byLabels.set(key, entry);
  }
  for (const { labels, views } of byLabels.values()) {
    let sandboxes = 0;
    for (const view of views) sandboxes += view.sandboxes;
    const pinned = views.flatMap((view) => view.pinned ?? []);
    samples.add('pausewatch_pause_image_sandboxes', labels, sandboxes);
    samples.add(
      'pausewatch_pause_image_pinned',
      labels,
      pinned.length === 0 ? undefined : Number(pinned.every(Boolean)),
    );
    samples.add('pausewatch_pause_image_configured', labels, Number(views.some((view) => view.configured)));
  }
  addBinarySamples(samples, report);
}

function addBinarySamples(samples: Samples, report: AuditReport): void {
  const sandboxes = new Map<string, number>();
  for (const { pause } of listSandboxes(report)) {
    if (pause?.exeSha256 === undefined) continue;
    const sha256 = labelValue(pause.exeSha256);
    sandboxes.set(sha256, (sandboxes.get(sha256) ?? 0) + 1);
  }
  for (const [sha256, count] of sandboxes) samples.add('pausewatch_pause_binary_sandboxes', { sha256 }, count);
}

function addPidsSamples(samples: Samples, { nodeView }: AuditReport, totals: LedgerTotals): void {
  for (const heldBy of ['pod', 'runtime', 'host', 'unattributed'] as const satisfies readonly HeldBy[]) {
    samples.add('pausewatch_node_zombies', { held_by: heldBy }, nodeView.zombies?.[heldBy]);
  }
  samples.add('pausewatch_node_pids', {}, nodeView.pids);
  samples.add('pausewatch_node_pids_limit', {}, nodeView.pidsLimit);
  samples.add('pausewatch_kubepods_pids', {}, nodeView.kubepodsPids);
  samples.add('pausewatch_kubepods_pids_limit', {}, nodeView.kubepodsPidsLimit);
  samples.add('pausewatch_pids_limit_hits_total', {}, totals.pidsLimitHits);
  samples.add('pausewatch_series_dropped_total', {}, totals.seriesDropped);
}

/** Labels of an image: the canonical name, so that one image has one series whatever its spelling. */
export function imageLabels(image: ImageRef): { image: string; version: string } {
  const bareId = /^(sha256:)?[0-9a-f]{64}$/.test(image.ref);
  return {
    image: labelValue(bareId || image.ref === '' ? image.ref : canonicalName(image)),
    version: labelValue(image.version),
  };
}
