/** What pausewatch asks of any container runtime, whatever protocol it speaks. */
import type { RuntimeSnapshot, SourceFault } from '../core/model.ts';

/** What one round of questions brought. */
export interface RuntimeAnswer {
  readonly snapshot: RuntimeSnapshot;
  /** What could not be asked or understood; the rest of the answer stands. */
  readonly faults: readonly SourceFault[];
}

/** One runtime of the node. Only ever reads. */
export interface ContainerRuntime {
  /** `unix:///run/containerd/containerd.sock`. */
  readonly endpoint: string;
  /** Asks for everything once. Never rejects: what fails becomes a fault, and the last answer is given again. */
  ask(): Promise<RuntimeAnswer>;
  /** Drops what is remembered of these sandboxes and containers, since the kernel disagrees: they are asked anew. */
  forget(ids: Iterable<string>): void;
  /** Ends the connection, and with it what is being asked. */
  close(): void;
}
