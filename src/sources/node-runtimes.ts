/** The runtimes of a node: those that the operator named, else the one that is found. */
import type { RuntimeSnapshot, SourceFault } from '../core/model.ts';
import type { ContainerRuntime, RuntimeAnswer } from '../runtime/container-runtime.ts';
import type { Detection } from '../runtime/detect.ts';

/** Where runtimes come from. */
export interface RuntimeSources {
  /** Endpoints named by the operator; none means: detect. */
  readonly endpoints: readonly string[];
  readonly createRuntime: (endpoint: string) => ContainerRuntime;
  readonly detectEndpoint: () => Promise<Detection>;
}

/** What all of them answered. */
export interface NodeAnswer {
  readonly answers: readonly (RuntimeAnswer & Pick<ContainerRuntime, 'forget'>)[];
  /** That none was found. */
  readonly faults: readonly SourceFault[];
}

/** Asks, one round at a time. */
export interface NodeRuntimes {
  /** Never rejects because a runtime is missing: that is a fault. */
  ask(): Promise<NodeAnswer>;
  /** Ends what is under way; whatever is asked afterwards fails. */
  close(): void;
}

/** Opens the named ones; nothing is asked yet. */
export function openRuntimes({ endpoints, createRuntime, detectEndpoint }: RuntimeSources): NodeRuntimes {
  let runtimes = endpoints.map((endpoint) => createRuntime(endpoint));
  let isClosed = false;

  async function ask(): Promise<NodeAnswer> {
    const faults: SourceFault[] = [];
    if (runtimes.length === 0) {
      const detection = await detectEndpoint();
      if ('endpoint' in detection) runtimes = [createRuntime(detection.endpoint)];
      else faults.push(detection.fault);
    }
    const asked = runtimes;
    // They may have been closed while one was looked for.
    if (isClosed) closeAll();
    const answers = await Promise.all(
      asked.map(async (runtime) => ({ ...(await runtime.ask()), forget: runtime.forget })),
    );
    if (endpoints.length === 0 && answers.every(({ snapshot }) => isEmpty(snapshot))) closeAll();
    return { answers, faults };
  }

  /** The next round detects again. */
  function closeAll(): void {
    for (const runtime of runtimes) runtime.close();
    runtimes = [];
  }

  return {
    ask,
    close: () => {
      isClosed = true;
      closeAll();
    },
  };
}

/** Detected before the node had pods: they may turn up elsewhere. */
function isEmpty({ up, sandboxes }: RuntimeSnapshot): boolean {
  return up && sandboxes.length === 0;
}
