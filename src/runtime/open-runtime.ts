/** Opens a runtime whatever it speaks: which protocol is at an endpoint is found by asking, not by the socket's name. */
import type { ContainerRuntime, RuntimeAnswer } from './container-runtime.ts';
import { createCriRuntime } from './cri/runtime.ts';
import { createDockerRuntime } from './docker/runtime.ts';

/**
 * Until something has answered, each round asks for CRI first, then for Docker; from then on the endpoint is what it
 * was. Where neither answers, the faults are those of CRI.
 */
export function openRuntime(endpoint: string): ContainerRuntime {
  // Both from the start, and nothing is sent before the first question: what is closed later are all there ever are.
  const cri = createCriRuntime(endpoint);
  const docker = createDockerRuntime(endpoint);
  let known: ContainerRuntime | undefined;

  async function ask(): Promise<RuntimeAnswer> {
    if (known !== undefined) return await known.ask();
    const answer = await cri.ask();
    if (answer.snapshot.up || answer.snapshot.name !== '') {
      known = cri;
      docker.close();
      return answer;
    }
    const ofDocker = await docker.ask();
    if (!ofDocker.snapshot.up) return answer;
    known = docker;
    cri.close();
    return ofDocker;
  }

  return {
    endpoint,
    ask,
    forget: (ids) => known?.forget(ids),
    close: () => {
      cri.close();
      docker.close();
    },
  };
}
