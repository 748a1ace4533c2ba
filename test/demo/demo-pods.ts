// The pods of the demo: one of each kind of trouble, beside healthy ones.
import { type Lab, PAUSE_IMAGES } from '../lab/lab.ts';
import type { PodSpec } from '../lab/pod-spec.ts';

const SLEEP = { name: 'app', command: ['zoo', 'reaper'] } as const;

/** What is started, and what is then done to it. */
interface DemoPod {
  readonly spec: PodSpec;
  /** What a reader of the output should know about it. */
  readonly story: string;
  readonly trouble?: (pod: Awaited<ReturnType<Lab['runPod']>>) => Promise<void>;
}

/** Ordered by pause image, since each change of it restarts the lab's containerd. */
const PODS: readonly DemoPod[] = [
  {
    story: 'healthy, with a network of its own',
    spec: { namespace: 'shop', name: 'checkout', network: 'cni', containers: [SLEEP, { ...SLEEP, name: 'sidecar' }] },
  },
  {
    story: 'healthy, with a shared PID namespace that pause reaps',
    spec: {
      namespace: 'shop',
      name: 'catalog',
      pidMode: 'pod',
      containers: [{ name: 'app', command: ['zoo', 'orphans', '5', '--', 'reaper'] }],
    },
  },
  {
    story: 'its PID 1 never waits for what it adopts',
    spec: { namespace: 'ci', name: 'runner', containers: [{ name: 'build', command: ['zoo', 'leak-init', '12'] }] },
  },
  {
    story: 'a program below PID 1 never waits for its children',
    spec: {
      namespace: 'data',
      name: 'importer',
      containers: [{ name: 'import', command: ['zoo', 'leak-below', '4', '--', 'reaper'] }],
    },
  },
  {
    story: 'its pause has been killed',
    spec: { namespace: 'shop', name: 'payments', network: 'cni', containers: [SLEEP] },
    trouble: async (pod) => void process.kill(pod.pausePid, 'SIGKILL'),
  },
  {
    story: 'its pause has been stopped, and orphans pile up under it',
    spec: { namespace: 'shop', name: 'search', pidMode: 'pod', containers: [SLEEP] },
    trouble: async (pod) => {
      process.kill(pod.pausePid, 'SIGSTOP');
      await pod.exec('app', ['zoo', 'orphans', '6', '--', 'exit', '0']);
    },
  },
  {
    story: 'its pause (3.0) cannot reap, and must',
    spec: {
      namespace: 'legacy',
      name: 'batch',
      pidMode: 'pod',
      pauseImage: PAUSE_IMAGES.noReap,
      containers: [{ name: 'app', command: ['zoo', 'orphans', '7', '--', 'reaper'] }],
    },
  },
  {
    story: 'an old pause image, harmless so far',
    spec: { namespace: 'legacy', name: 'archive', pauseImage: PAUSE_IMAGES.noReap, containers: [SLEEP] },
  },
  {
    story: 'a pause image from the frozen registry',
    spec: { namespace: 'infra', name: 'dns', pauseImage: PAUSE_IMAGES.oldRegistry, containers: [SLEEP] },
  },
];

/** What a person may want to play with. */
export interface DemoPods {
  /** PID of the pause of shop/search. */
  readonly stoppedPause: number;
}

/** Starts every pod of the demo and makes its trouble. */
export async function startDemoPods(lab: Lab, progress: (line: string) => void): Promise<DemoPods> {
  let stoppedPause = 0;
  for (const { spec, story, trouble } of PODS) {
    progress(`pod ${spec.namespace}/${spec.name}: ${story}`);
    const pod = await lab.runPod(spec);
    await trouble?.(pod);
    if (spec.name === 'search') stoppedPause = pod.pausePid;
  }
  return { stoppedPause };
}
