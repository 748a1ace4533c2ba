/** Opens a runtime whatever it speaks: which protocol is at an endpoint is found by asking, not by the socket's name. */
import type { ContainerRuntime, RuntimeAnswer } from './container-runtime.ts';
import { createCriRuntime } from './cri/runtime.ts';
import { createDockerRuntime, probeDocker } from './docker/runtime.ts';

/** How long Docker may take to prove that it is one, in milliseconds. */
const PROBE_MS = 2000;

/**
 * Until something has answered, each round asks for CRI first, then for Docker; from then on the endpoint is what it
 * was. Where neither answers, the faults are those of CRI.
 */
export function openRuntime(endpoint: string): ContainerRuntime {
  let runtime = createCriRuntime(endpoint);
  let isKnown = false;
  let isClosed = false;

  async function ask(): Promise<RuntimeAnswer> {
    const answer = await runtime.ask();
    isKnown ||= answer.snapshot.up || answer.snapshot.name !== '';
    if (isKnown || isClosed || (await probeDocker(endpoint, PROBE_MS)).fault !== undefined) return answer;
    runtime.close();
    runtime = createDockerRuntime(endpoint);
    isKnown = true;
    return await runtime.ask();
  }

  return {
    endpoint,
    ask,
    forget: (ids) => runtime.forget(ids),
    close: () => {
      isClosed = true;
      runtime.close();
    },
  };
}
