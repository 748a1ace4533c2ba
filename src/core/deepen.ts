/** Joins the views of a pod's sandboxes with the tree of the last look and, where possible, a look of this moment. */
import { type DepthSource, lookRequestFor, type PodDepth, viewDepths } from './pod-depth.ts';
import type { LookAspect, LookAtPod, PodLook } from './pod-look.ts';
import type { SandboxView } from './report.ts';

/** A sandbox and what was found out about it. */
export interface DeepSandbox {
  readonly view: SandboxView;
  readonly depth: PodDepth;
  /** Undefined where nobody can look any more: a recorded node. */
  readonly look: PodLook | undefined;
}

/** What it takes to see sandboxes in depth. */
export interface DeepenOptions {
  readonly views: readonly SandboxView[];
  /** Undefined when the look that the views were made from is not at hand. */
  readonly source: DepthSource | undefined;
  readonly aspects: ReadonlySet<LookAspect>;
  /** Undefined where nobody can look any more. */
  readonly lookAtPod: LookAtPod | undefined;
}

/** Sees each sandbox in depth; the order stays. */
export async function deepen({ views, source, aspects, lookAtPod }: DeepenOptions): Promise<readonly DeepSandbox[]> {
  const depths = source === undefined ? [] : viewDepths(source, views);
  const deep: DeepSandbox[] = [];
  for (const [at, view] of views.entries()) {
    const depth = depths[at] ?? NO_DEPTH;
    deep.push({ view, depth, look: await lookAtPod?.(lookRequestFor(depth, aspects)) });
  }
  return deep;
}

const NO_DEPTH: PodDepth = {
  processes: [],
  omitted: 0,
  networkMode: undefined,
  ipcMode: undefined,
  nodeNamespaces: {},
  history: [],
};
