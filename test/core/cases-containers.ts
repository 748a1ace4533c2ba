/** When the findings about the runtime and the first processes of containers fire, and when they must not. */
import type { FindingCase } from './finding-case.ts';
import { BOOT_MS, ENDPOINT, idOf, NOW_MS, node, pidsOf, pod, process } from './snapshot-builder.ts';

const { shim, init } = pidsOf();
const APP = { kind: 'container', namespace: 'shop', pod: 'web', container: 'app', sandboxId: idOf('web') } as const;
const at = (it: ReturnType<typeof pod>) => node({ pods: [it] });
const withInit = (facts: Parameters<typeof pod>[1] = {}) => at(pod('web', facts));

/** A fault of the runtime as the CRI client makes it. */
const FAULT = { source: 'runtime', code: 'silent', subject: 'ListPodSandbox', count: 1 } as const;

export const CONTAINER_CASES: readonly FindingCase[] = [
  {
    id: 'runtime-unreachable',
    fires: [
      {
        when: 'the runtime answered a minute ago and does not any more',
        node: node({
          pods: [pod()],
          runtime: { up: false, answeredAtMs: NOW_MS - 45_000 },
          faults: [{ ...FAULT, endpoint: ENDPOINT, message: 'nobody listens on the socket' }],
        }),
        severity: 'critical',
        subject: { kind: 'node', runtimeEndpoint: ENDPOINT },
        evidence: { endpoint: ENDPOINT, lastAnsweredSecondsAgo: 60, error: 'nobody listens on the socket' },
        summary: /last answered 60 s ago\. nobody listens/,
        remedy: /systemctl status/,
      },
      {
        when: 'a named runtime never answered',
        node: node({ runtime: { up: false, answeredAtMs: undefined, name: '', version: '' } }),
        severity: 'critical',
        subject: { kind: 'node', runtimeEndpoint: ENDPOINT },
        evidence: { lastAnsweredSecondsAgo: null, error: null },
        summary: /has not answered yet\.$/,
        remedy: /may use its socket/,
      },
      {
        when: 'no runtime was found',
        node: node({
          runtimes: [],
          faults: [{ ...FAULT, endpoint: undefined, message: 'None of the 4 sockets exists.' }],
        }),
        severity: 'critical',
        subject: { kind: 'node' },
        evidence: { endpoint: null, error: 'None of the 4 sockets exists.' },
        summary: /No container runtime was found\. None of the 4/,
        remedy: /--runtime-endpoint/,
      },
    ],
    quiet: [
      { when: 'the lists arrived', node: node({ pods: [pod()] }) },
      { when: 'there is a runtime and not a single pod', node: node() },
      {
        when: 'only the image list failed',
        node: node({
          pods: [pod()],
          runtime: { images: undefined },
          faults: [{ ...FAULT, subject: 'ListImages', endpoint: ENDPOINT, message: 'x' }],
        }),
      },
    ],
  },
  {
    id: 'container-init-zombie',
    fires: [
      {
        when: 'the main thread ended while two others live (L13)',
        node: withInit({ containers: { app: { init: { state: 'Z', threads: 3, comm: 'prometheus' } } } }),
        severity: 'critical',
        subject: APP,
        evidence: { pid: init(), comm: 'prometheus', liveThreads: 2 },
        summary:
          /main thread of prometheus \(PID 1010\), first process of container app, has ended while 2 threads of it live on/,
        remedy: /task\/\*\/status.*kill -KILL 1010/,
        neverAdvises: /tini|shareProcessNamespace/,
      },
      {
        when: 'one of its threads hangs in the kernel (case 28)',
        node: withInit({
          containers: {
            app: {
              init: {
                state: 'Z',
                threads: 3,
                threadWaits: [
                  { tid: 4711, state: 'D', wchan: 'rpc_wait_bit_killable' },
                  { tid: 4712, state: 'S', wchan: 'futex_wait_queue' },
                ],
              },
            },
          },
        }),
        severity: 'critical',
        subject: APP,
        evidence: { stuckThread: 4711, stuckIn: 'rpc_wait_bit_killable', threadStates: ['D', 'S'] },
        summary: /cannot be collected\. Thread 4711 hangs in the kernel in rpc_wait_bit_killable\.$/,
        remedy: /storage or driver.*task\/4711\/stack/,
        neverAdvises: /kill -KILL/,
      },
      {
        when: 'all its threads sleep',
        node: withInit({
          containers: {
            app: { init: { state: 'Z', threads: 2, threadWaits: [{ tid: 4712, state: 'S', wchan: undefined }] } },
          },
        }),
        severity: 'critical',
        subject: APP,
        evidence: { stuckThread: null, threadStates: ['S'] },
        summary: /while 1 thread of it lives on: it cannot be collected\.$/,
        remedy: /kill -KILL 1010 from the node ends them/,
      },
      {
        when: 'one thread lives on',
        node: withInit({ containers: { app: { init: { state: 'Z', threads: 2 } } } }),
        severity: 'critical',
        subject: APP,
        evidence: { liveThreads: 1 },
        summary: /while 1 thread of it lives on/,
        remedy: /kill -KILL/,
      },
      {
        when: 'a debugger traced it and keeps it: its shim is not to blame',
        node: node({
          pods: [pod('web', { containers: { app: { init: { state: 'Z', cgroup: undefined, tracerPid: 900 } } } })],
          processes: [process(900, { comm: 'gdb' })],
        }),
        severity: 'critical',
        subject: APP,
        evidence: { parentPid: 900, parentComm: 'gdb', parentTraces: true },
        summary: /is dead, and the process that traces it, gdb \(PID 900\), has not collected it/,
        remedy: /^End the tracer or let it detach: kill 900\. Its parent collects it then\.$/,
        neverAdvises: /shim/,
      },
      {
        when: 'its shim does not collect it (L16)',
        node: withInit({ containers: { app: { init: { state: 'Z', cgroup: undefined } } } }),
        severity: 'critical',
        subject: APP,
        evidence: { liveThreads: 0, parentPid: shim, parentComm: 'containerd-shim', parentState: 'S' },
        summary: /is dead, and its parent containerd-shim \(PID 1000\) has not collected it/,
        remedy: /end that shim: kill -KILL 1000/,
      },
      {
        when: 'its shim is gone, and PID 1 of the node has inherited it',
        node: withInit({ containers: { app: { init: { state: 'Z', cgroup: undefined, ppid: 1 } } } }),
        severity: 'critical',
        subject: APP,
        evidence: { parentPid: 1 },
        summary: /its parent systemd \(PID 1\) has not collected it/,
        remedy: /^Its shim is gone.*Never end PID 1 of the node.*Delete the pod/,
        neverAdvises: /end that shim|kill -KILL/,
      },
    ],
    quiet: [
      { when: 'it sleeps', node: withInit() },
      {
        when: 'it was seen dead once: a normal exit',
        node: withInit({ containers: { app: { init: { state: 'Z' } } } }),
        firstLook: true,
      },
      {
        when: 'the runtime knows that the container has ended and CRI-O still tells its PID',
        node: withInit({ containers: { app: { state: 'exited', init: { state: 'Z' } } } }),
      },
      {
        when: 'the PID could not be had',
        node: withInit({ containers: { app: { pid: { unknown: 'timeout' }, init: { state: 'Z' } } } }),
      },
    ],
  },
  {
    id: 'container-running-dead',
    fires: [
      {
        when: 'no process has the PID (case 33)',
        node: withInit({ containers: { app: { init: null } } }),
        severity: 'critical',
        subject: APP,
        evidence: { pid: init(), takenBy: null },
        summary: /says container app runs, but its PID 1010 does not exist/,
        remedy: /^Delete the pod.*restart the container runtime/,
      },
      {
        when: 'its main process is gone and workers of it live on (case 5)',
        node: withInit({
          sandbox: { pidMode: 'pod' },
          containers: { app: { init: null } },
          more: [
            process(5001, { comm: 'nginx', ppid: 1001, cgroup: `/kubepods/burstable/pod-web/${idOf('web/app')}` }),
            process(5002, { comm: 'nginx', ppid: 1001, cgroup: `/kubepods/burstable/pod-web/${idOf('web/app')}` }),
          ],
        }),
        severity: 'critical',
        subject: APP,
        evidence: { pid: init(), leftProcesses: 2, leftNames: ['nginx'] },
        summary: /its PID 1010 does not exist; 2 other processes of it live on \(nginx\)\.$/,
        remedy: /^Delete the pod: what lives on.*without shareProcessNamespace/,
      },
      {
        when: 'the PID was given to a process of another container',
        node: withInit({ containers: { app: { init: { comm: 'nginx', cgroup: `/kubepods/${idOf('other')}` } } } }),
        severity: 'critical',
        subject: APP,
        evidence: { pid: init(), takenBy: 'nginx' },
        summary: /now belongs to nginx/,
        remedy: /^Delete the pod/,
      },
    ],
    quiet: [
      {
        when: 'the record is from before a boot ten minutes ago',
        node: node({
          pods: [pod('web', { containers: { app: { init: null } } })],
          kernel: { bootTimeMs: NOW_MS - 10 * 60_000 },
        }),
      },
      { when: 'the process lives', node: withInit() },
      {
        when: 'it was missed once: the exit event takes a moment',
        node: withInit({ containers: { app: { init: null } } }),
        firstLook: true,
      },
      {
        when: 'the container was created and not started',
        node: withInit({ containers: { app: { state: 'created', pid: undefined, init: null } } }),
      },
      {
        when: 'it has exited, and CRI-O left the old PID',
        node: withInit({ containers: { app: { state: 'exited', init: null } } }),
      },
      {
        when: 'the runtime did not tell its PID',
        node: withInit({ containers: { app: { pid: { unknown: 'silent' }, init: null } } }),
      },
      {
        when: 'the list is an old one, since the runtime is silent',
        node: node({ pods: [pod('web', { containers: { app: { init: null } } })], runtime: { up: false } }),
      },
      {
        when: '/proc could not be read',
        node: node({ pods: [pod()], kernel: { procfsUp: false, processes: [], bootTimeMs: BOOT_MS } }),
      },
      {
        when: 'the PID exists and could not be read',
        node: node({
          pods: [pod('web', { containers: { app: { init: null } } })],
          kernel: { unreadablePids: [init()] },
        }),
      },
    ],
  },
];
