/** A node made of files: the procfs and cgroupfs of a recording, and the recorded runtime behind a socket. */
import { type Answers, type CriServer, recordedAnswers, startCriServer } from '../runtime/cri-server.ts';
import { type RecordingName, readRecording } from '../runtime/recording.ts';
import { makeNodeFiles, type NodeFiles } from './node-files.ts';

/** A node that the program can look at. */
export interface FixtureNode extends NodeFiles {
  readonly server: CriServer;
}

/** What a test may say of the node. */
export interface FixtureNodeFacts {
  readonly recording?: RecordingName;
  /** Pods of the recording that this node does not have. */
  readonly without?: readonly string[];
  readonly answers?: (recorded: Answers) => Partial<Answers>;
}

/** Makes the node; it is removed with the test. */
export async function makeNode(facts: FixtureNodeFacts = {}): Promise<FixtureNode> {
  const { recording: name = 'containerd-1.6.20', without = [] } = facts;
  const recording = readRecording(name);
  const ids = without.flatMap((kind) => Object.values(recording.arranged.get(kind) ?? {}));
  const gone = new Set(ids.filter((id) => id !== undefined));
  const isGone = (text: string): boolean => [...gone].some((id) => text.includes(id));
  const { root, write, flags } = makeNodeFiles({
    processes: recording.processes.filter(({ cgroup, cmdline = '' }) => !isGone(cgroup + cmdline)),
    pidsController: Object.fromEntries(Object.entries(recording.pidsController).filter(([path]) => !isGone(path))),
  });
  const recorded = recordedAnswers({
    ...recording,
    sandboxes: recording.sandboxes.filter(({ id }) => !gone.has(id)),
    containers: recording.containers.filter(({ id }) => !gone.has(id)),
  });
  const server = await startCriServer({ answers: { ...recorded, ...facts.answers?.(recorded) } });
  return { root, server, flags: [...flags, `--runtime-endpoint=${server.endpoint}`], write };
}

/** Pods of the recordings on which something is wrong; the bare one has had no container since it was recorded. */
export const BROKEN = ['deadpause', 'bare'] as const;
/** Pods of the recordings in which there is a zombie. */
export const LEAKING = ['own', 'shared', 'hostpid', 'cni', ...BROKEN] as const;
