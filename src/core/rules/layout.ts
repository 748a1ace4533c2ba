/** Rules about how pods are laid out on this node: facts that explain, not faults by themselves. */

import { kubepodsRoot } from '../cgroup-path.ts';
import type { Evidence, Verdict } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import { isFinished, type PodScene, type Scene } from '../scene.ts';
import { LISTED } from './rule.ts';

/** sandbox-no-host-pause: some sandboxes of a runtime have no pause on this node by design. */
export function* sandboxNoHostPause({ pods }: Scene): Generator<Verdict> {
  const without = pods.filter((pod) => !isFinished(pod) && isWithoutPause(pod));
  for (const [runtime, theirs] of groupBy(without, (pod) => pod.runtime)) {
    const dropped = theirs.filter(
      ({ sandbox: { pause } }) => pause.kind === 'none' && pause.reason === 'infra-dropped',
    );
    const evidence: Evidence = {
      sandboxes: theirs.length,
      infraDropped: dropped.length,
      sandboxedRuntime: theirs.length - dropped.length,
      handlers: [...new Set(theirs.map(({ sandbox }) => sandbox.runtimeHandler).filter((it) => it !== ''))],
      pods: namesOf(theirs),
    };
    const subject = { kind: 'node', runtimeEndpoint: runtime.endpoint } as const;
    yield { kind: 'finding', severity: 'info', subject, evidence };
  }
}

function isWithoutPause({ sandbox: { pause } }: PodScene): boolean {
  return pause.kind === 'none' && (pause.reason === 'infra-dropped' || pause.reason === 'vm-runtime');
}

/** Who named the cgroups on the way to a pause. `mixed`: the kubelet made slices, the runtime none of its scopes. */
type Layout = 'systemd' | 'cgroupfs' | 'mixed';

/** cgroup-driver-mismatch: kubelet and runtime name cgroups in different ways, or the pods of one runtime differ. */
export function* cgroupDriverMismatch({ pods, snapshot }: Scene): Generator<Verdict> {
  for (const runtime of snapshot.runtimes) {
    const placed = pods.flatMap((pod) => {
      const layout = pod.runtime === runtime ? layoutOf(snapshot.kernel.cgroupOf[pod.sandbox.id]) : undefined;
      return layout === undefined ? [] : [{ pod, layout }];
    });
    const byLayout = groupBy(placed, ({ layout }) => layout);
    const odd = byLayout.get('mixed') ?? rarest([...byLayout.values()]);
    if (byLayout.size < 2 && !byLayout.has('mixed')) continue;
    const evidence: Evidence = {
      systemd: byLayout.get('systemd')?.length ?? 0,
      cgroupfs: byLayout.get('cgroupfs')?.length ?? 0,
      mixed: byLayout.get('mixed')?.length ?? 0,
      pods: namesOf(odd.map(({ pod }) => pod)),
      example: snapshot.kernel.cgroupOf[odd[0]?.pod.sandbox.id ?? ''] ?? null,
    };
    yield { kind: 'finding', severity: 'info', subject: { kind: 'node', runtimeEndpoint: runtime.endpoint }, evidence };
  }
}

/** "kubepods-pod1.slice/cri-containerd-<id>.scope"; "kubepods/pod1/<id>"; "kubepods-pod1.slice/<id>" or "…slice:cri-containerd:<id>". */
function layoutOf(path: string | undefined): Layout | undefined {
  const parts = path?.split('/') ?? [];
  const leaf = parts.at(-1) ?? '';
  const bySlices = parts.some((part) => /-pod[^/]*\.slice(:|$)/.test(part));
  if (bySlices) return leaf.endsWith('.scope') ? 'systemd' : 'mixed';
  return kubepodsRoot(path) === undefined ? undefined : 'cgroupfs';
}

function rarest<T>(groups: readonly (readonly T[])[]): readonly T[] {
  return groups.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

function namesOf(pods: readonly PodScene[]): string[] {
  return pods.slice(0, LISTED).map(({ sandbox }) => `${sandbox.namespace}/${sandbox.name}`);
}
