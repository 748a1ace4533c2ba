/** The parts of the /sandboxes document that tests look at, as its readers outside know it. */

/** A finding of the document. */
export interface FindingJson {
  readonly id: string;
  readonly severity: string;
  readonly confirmed: boolean;
  readonly subject: {
    readonly kind: string;
    readonly pod: string | null;
    readonly container: string | null;
    readonly sandboxId: string | null;
    readonly image?: string;
  };
  readonly summary: string;
  readonly remedy: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** A zombie of the document. */
export interface ZombieJson {
  readonly pid: number;
  readonly comm: string;
  readonly container: string | null;
  readonly parent: {
    readonly pid: number;
    readonly nsPid: number | null;
    readonly comm: string;
    readonly kind: string;
  } | null;
}

/** A namespace of the document. */
export interface NamespaceJson {
  readonly inode: number | null;
  readonly heldByPause: boolean | null;
  readonly sharedBy: readonly string[];
}

/** A sandbox of the document. */
export interface SandboxJson {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly state: string;
  readonly pidMode: string | null;
  readonly isStatic: boolean;
  readonly image: { readonly ref: string; readonly version: string | null } | null;
  readonly pause: {
    readonly pid: number;
    readonly state: string;
    readonly reaps: string;
    readonly exe: string | null;
    readonly exeSha256: string | null;
  } | null;
  readonly noPauseReason: string | null;
  readonly namespaces: Readonly<Record<string, NamespaceJson>>;
  readonly containers: readonly {
    readonly name: string;
    readonly state: string;
    readonly pid: number | null;
    readonly zombies: number | null;
  }[];
  readonly zombies: {
    readonly count: number | null;
    readonly perHour: number | null;
    readonly items: readonly ZombieJson[];
  };
  readonly pids: {
    readonly current: number | null;
    readonly limit: number | null;
    readonly limitFrom: string;
    readonly exhaustedInSeconds: number | null;
  };
  readonly findings: readonly FindingJson[];
  readonly unknown: readonly { readonly field: string; readonly reason: string }[];
}

/** A fault of a source. */
export interface SourceJson {
  readonly source: string;
  readonly up: boolean;
  readonly faults: readonly { readonly code: string; readonly subject: string; readonly message: string }[];
}

/** A runtime of the document. */
export interface RuntimeJson {
  readonly name: string;
  readonly version: string;
  readonly flavour: string;
  readonly up: boolean;
  readonly conditions: readonly { readonly type: string; readonly status: boolean }[];
}

/** The whole document. */
export interface SandboxesDocument {
  readonly complete: boolean;
  readonly takenAt: string;
  readonly runtimes: readonly RuntimeJson[];
  readonly sources: readonly SourceJson[];
  readonly sandboxes: readonly SandboxJson[];
  readonly unclaimed: { readonly zombies: readonly ZombieJson[] };
  readonly nodeFindings: readonly FindingJson[];
}

/** The sandbox of a pod; throws when there is none. */
export function sandboxOf(document: SandboxesDocument, pod: string): SandboxJson {
  const sandbox = document.sandboxes.find(({ name }) => name === pod);
  if (sandbox === undefined) throw new Error(`no sandbox of ${pod} among ${document.sandboxes.length}`);
  return sandbox;
}

/** Ids of the findings of a pod, sorted. */
export function findingIds(document: SandboxesDocument, pod: string): string[] {
  return sandboxOf(document, pod)
    .findings.map(({ id }) => id)
    .toSorted();
}

/** Every finding of every sandbox and of the node. */
export function allFindings({ sandboxes, nodeFindings }: SandboxesDocument): FindingJson[] {
  return [...sandboxes.flatMap(({ findings }) => findings), ...nodeFindings];
}

/**
 * Findings that hold on every lab, whatever is done in it: what this runtime never tells (containerd before 1.6.22: what is
 * pinned), and the dead that the machine's own init is slow to collect (L24).
 */
export const HOLDS_ANYWHERE: ReadonlySet<string> = new Set(['runtime-info-incomplete', 'zombies-host']);

/** Every finding, info included, that is about what a test did. */
export function ownFindings(document: SandboxesDocument): FindingJson[] {
  return allFindings(document).filter(({ id }) => !HOLDS_ANYWHERE.has(id));
}

/** Findings that are more than a fact to know: on every containerd before 1.6.22 there is one about pinning. */
export function aboveInfo(findings: readonly FindingJson[]): FindingJson[] {
  return findings.filter(({ severity }) => severity !== 'info');
}
