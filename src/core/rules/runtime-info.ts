/** The rule about what a runtime does not report, and what its version is known to get wrong. */
import type { Verdict } from '../finding.ts';
import type { RuntimeSnapshot } from '../model.ts';
import { canPin, firstSoundVersion, knownFaults, tellsPidMode, type Unreported } from '../runtime-knowledge.ts';
import type { Scene } from '../scene.ts';

/** runtime-info-incomplete: one finding per runtime with all that it leaves open. */
export function* runtimeInfoIncomplete({ snapshot }: Scene): Generator<Verdict> {
  for (const runtime of snapshot.runtimes) {
    const subject = { kind: 'node', runtimeEndpoint: runtime.endpoint } as const;
    if (!runtime.up) {
      yield { kind: 'unknown', subject, reason: 'silent' };
      continue;
    }
    const [missing, faults] = [missingFacts(runtime), knownFaults(runtime)];
    if (missing.length === 0 && faults.length === 0) continue;
    const { endpoint, name, version } = runtime;
    const evidence = {
      endpoint,
      runtime: `${name} ${version}`.trim(),
      missing,
      knownFaults: faults,
      upgradeTo: firstSoundVersion(runtime) ?? null,
    };
    yield { kind: 'finding', severity: 'info', subject, evidence };
  }
}

function missingFacts(runtime: RuntimeSnapshot): Unreported[] {
  const { flavour, configuredPauseImage, images, sandboxes } = runtime;
  const silent = sandboxes.some(({ pause }) => pause.kind === 'none' && pause.reason === 'not-reported');
  const facts: readonly (readonly [Unreported, boolean])[] = [
    ['the configured pause image', configuredPauseImage === undefined],
    ['whether images are pinned', images !== undefined && !canPin(runtime)],
    ['the PIDs of pauses', silent],
    ['the PID mode of pods', !tellsPidMode(runtime)],
    ["its own version (it gives Docker's)", flavour === 'cri-dockerd'],
  ];
  return facts.flatMap(([fact, isMissing]) => (isMissing ? [fact] : []));
}
