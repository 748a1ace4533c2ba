/** Rules about the container runtime itself. */
import type { Verdict } from '../finding.ts';
import type { Scene } from '../scene.ts';

/** runtime-unreachable: no list arrived from a runtime in this look, or no runtime was found at all. */
export function* runtimeUnreachable({ snapshot }: Scene): Generator<Verdict> {
  const faultOf = (endpoint: string | undefined): string | null =>
    snapshot.faults.find((fault) => fault.source === 'runtime' && fault.endpoint === endpoint)?.message ?? null;
  if (snapshot.runtimes.length === 0) {
    const evidence = { endpoint: null, lastAnsweredSecondsAgo: null, error: faultOf(undefined) };
    yield { kind: 'finding', severity: 'critical', subject: { kind: 'node' }, evidence };
  }
  for (const { up, endpoint, answeredAtMs } of snapshot.runtimes) {
    if (up) continue;
    const lastAnsweredSecondsAgo =
      answeredAtMs === undefined ? null : Math.round((snapshot.takenAtMs - answeredAtMs) / 1000);
    const subject = { kind: 'node', runtimeEndpoint: endpoint } as const;
    const evidence = { endpoint, lastAnsweredSecondsAgo, error: faultOf(endpoint) };
    yield { kind: 'finding', severity: 'critical', subject, evidence };
  }
}
