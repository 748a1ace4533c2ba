/** The JSON documents: /sandboxes, /sandboxes/<id>, /findings, and the shape of every error. */
import type { Finding } from '../../core/finding.ts';
import type { Process } from '../../core/model.ts';
import type { AuditReport, PauseImagesView, SandboxView, SourceView } from '../../core/report.ts';
import { isAboutPod } from '../pods/pods.ts';
import { type Filter, matchesFinding, matchesNodeFinding, matchesSandbox } from './filter.ts';
import { briefFindingJson, findingJson, timeJson } from './finding-json.ts';
import { briefSandboxJson, sandboxJson, zombieJson } from './sandbox-json.ts';

/** Raised when a reader of the old shape would misunderstand the new one; additions do not raise it. */
export const JSON_SCHEMA_VERSION = 1;

/** The /sandboxes document, also `scan -o json`. */
export function renderSandboxes(report: AuditReport, filter: Filter, runbookBase: string): string {
  const sandboxes = report.sandboxes.filter((sandbox) => matchesSandbox(filter, sandbox));
  const nodeFindings = report.findings.filter((finding) => !isAboutPod(finding) && matchesNodeFinding(filter, finding));
  const head = {
    ...headJson(report),
    runtimes: report.runtimes.map(({ name, version, flavour, endpoint, up, conditions }) => ({
      name,
      version,
      flavour,
      endpoint,
      up,
      conditions: conditions.map(({ type, status, reason, message }) => ({ type, status, reason, message })),
    })),
    sources: report.sources.map(sourceJson),
  };
  if (filter.view === 'brief') {
    return toText({
      ...head,
      sandboxes: sandboxes.map(briefSandboxJson),
      nodeFindings: nodeFindings.map(briefFindingJson),
    });
  }
  const { zombies, shims, processes } = report.unclaimed;
  return toText({
    ...head,
    pauseImages: report.pauseImages.map(pauseImagesJson),
    sandboxes: sandboxes.map((sandbox) => sandboxJson(sandbox, runbookBase)),
    unclaimed: {
      zombies: zombies.map(zombieJson),
      shims: shims.map(processJson),
      processes: processes.map(processJson),
    },
    nodeFindings: nodeFindings.map((finding) => findingJson(finding, runbookBase)),
  });
}

/** One sandbox by itself: the same object as in the list, after the head of the document. */
export function renderSandbox(report: AuditReport, sandbox: SandboxView, runbookBase: string): string {
  return toText({ ...headJson(report), ...sandboxJson(sandbox, runbookBase) });
}

/** The /findings document. */
export function renderFindings(report: AuditReport, filter: Filter, runbookBase: string): string {
  const states = new Map(report.sandboxes.map((sandbox) => [sandbox.id, sandbox.state]));
  const findings = report.findings.filter((finding) => matchesFinding(filter, finding, states));
  const render = (finding: Finding) =>
    filter.view === 'brief' ? briefFindingJson(finding) : findingJson(finding, runbookBase);
  return toText({ ...headJson(report), findings: findings.map(render) });
}

/** The shape of every JSON error. */
export function renderError(code: string, message: string, extra: Readonly<Record<string, unknown>> = {}): string {
  return toText({ error: { code, message, ...extra } });
}

function headJson({ node, takenAtMs, complete }: AuditReport) {
  return { schemaVersion: JSON_SCHEMA_VERSION, node, takenAt: timeJson(takenAtMs), complete };
}

function sourceJson({ source, endpoint, up, answeredAtMs, faults }: SourceView) {
  return {
    source,
    endpoint: endpoint ?? null,
    up,
    answeredAt: timeJson(answeredAtMs),
    faults: faults.map(({ code, subject, message, count }) => ({ code, subject, message, count })),
  };
}

function pauseImagesJson({ runtimeEndpoint, configured, images }: PauseImagesView) {
  return {
    runtimeEndpoint,
    configured:
      configured === undefined
        ? null
        : {
            ref: configured.ref,
            registry: configured.registry,
            repository: configured.repository,
            tag: configured.tag ?? null,
            digest: configured.digest ?? null,
            version: configured.version ?? null,
          },
    images: images.map(({ image, imageId, sizeBytes, pinned, sandboxes }) => ({
      ref: image.ref,
      imageId: imageId ?? null,
      version: image.version ?? null,
      sizeBytes: sizeBytes ?? null,
      // CRI does not tell when an image was made.
      createdAt: null,
      pinned: pinned ?? null,
      sandboxes,
    })),
  };
}

function processJson({ pid, ppid, comm, state, threads }: Process) {
  return { pid, ppid, comm, state, threads };
}

/** One line per document, ended: a terminal and a log both like it so. */
function toText(document: unknown): string {
  return `${JSON.stringify(document)}\n`;
}
