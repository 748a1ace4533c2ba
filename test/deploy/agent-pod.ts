/** Starts the DaemonSet's pod in the lab as the kubelet would, and reaches it as kubelet, Prometheus and port-forward do. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../lab/lab.ts';
import type { LabContainer, LabPod } from '../lab/pod.ts';
import type { Confinement } from '../lab/pod-spec.ts';
import type { SandboxesDocument } from '../real/document.ts';
import { run } from '../real/program.ts';
import { agentImage } from './agent-image.ts';
import { build, type DaemonSetManifest, daemonSetOf, type PodTemplate } from './kustomize.ts';

/** Where the runtime's directory lies on a node; the lab's is somewhere else. */
const RUNTIME_DIRECTORY = '/run/containerd';

/** What a request got. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The agent in its pod. */
export interface AgentPod {
  readonly pod: LabPod;
  readonly container: LabContainer;
  readonly manifest: DaemonSetManifest;
  /** From inside the pod's network, as through kubectl port-forward. */
  getInside(path: string): Promise<Answer>;
  /** From another pod, as Prometheus does, and from an address that is not loopback, as the kubelet does. */
  getFromOutside(path: string): Promise<Answer>;
  /** The first document that satisfies. */
  until(satisfied: (document: SandboxesDocument) => boolean, withinMs?: number): Promise<SandboxesDocument>;
  /** Waits until the readiness probe of the manifest succeeds. */
  untilReady(withinMs?: number): Promise<void>;
}

/** What to start, and what to change of it. */
export interface AgentPodOptions {
  /** Directory of the kustomization. */
  readonly kustomization: string;
  readonly name: string;
  /** After the arguments of the manifest. */
  readonly extraArgs?: readonly string[];
}

/** Builds the kustomization, packs its image, starts the pod, and a second one from which it is asked. */
export async function startAgentPod(lab: Lab, options: AgentPodOptions): Promise<AgentPod> {
  const manifest = daemonSetOf(await build(options.kustomization));
  const { spec, metadata } = manifest.spec.template;
  const [template] = spec.containers;
  const image = agentImage(template.image);
  const known = await lab.cri.listImages();
  if (!known.some(({ repoTags }) => repoTags.includes(image.reference))) await lab.importImages([image]);
  const pod = await lab.runPod({
    namespace: manifest.metadata.namespace ?? '',
    name: options.name,
    network: 'cni',
    qos: 'burstable',
    pidMode: spec.hostPID === true ? 'node' : 'container',
    labels: metadata.labels,
    containers: [
      {
        name: template.name,
        image: image.reference,
        command: [],
        privileged: template.securityContext.privileged,
        capabilities: template.securityContext.capabilities.add ?? [],
        confinement: confinementOf(spec, lab, options.extraArgs ?? []),
      },
    ],
  });
  const asker = await lab.runPod({
    name: `asks-${options.name}`,
    network: 'cni',
    containers: [{ name: 'app', command: ['zoo', 'reaper'] }],
  });
  const port = template.ports[0]?.containerPort ?? 0;
  const address = addressOf(lab, pod.sandboxId);
  const container = pod.container(template.name);
  const getInside = (path: string) => get(pod.pausePid, `http://127.0.0.1:${port}${path}`);
  const getFromOutside = (path: string) => get(asker.pausePid, `http://${address}:${port}${path}`);
  return {
    pod,
    container,
    manifest,
    getInside,
    getFromOutside,
    async until(satisfied, withinMs = 30_000) {
      const deadlineMs = performance.now() + withinMs;
      for (;;) {
        const { status, body } = await getInside('/sandboxes');
        if (status === 200) {
          const document = JSON.parse(body) as SandboxesDocument;
          if (satisfied(document)) return document;
        }
        if (performance.now() > deadlineMs)
          throw new Error(`not within ${withinMs} ms: ${status} ${body.slice(0, 2000)}`);
        await sleep(200);
      }
    },
    async untilReady(withinMs = 30_000) {
      const deadlineMs = performance.now() + withinMs;
      const { path } = template.readinessProbe.httpGet;
      for (;;) {
        const { status, body } = await getFromOutside(path);
        if (status === 200) return;
        if (performance.now() > deadlineMs) throw new Error(`not ready within ${withinMs} ms: ${status} ${body}`);
        await sleep(200);
      }
    },
  };
}

function confinementOf(spec: PodTemplate, lab: Lab, extraArgs: readonly string[]): Confinement {
  const [template] = spec.containers;
  const { securityContext, resources } = template;
  const hostPaths = new Map(spec.volumes.map(({ name, hostPath }) => [name, hostPath.path]));
  return {
    args: [...template.args, ...extraArgs],
    // spec.nodeName is all that the downward API is asked for.
    environment: Object.fromEntries(template.env.map(({ name }) => [name, 'lab-node'])),
    mounts: template.volumeMounts.map(({ name, mountPath, readOnly }) => ({
      containerPath: mountPath,
      hostPath: hostPathOf(hostPaths.get(name), lab),
      readonly: readOnly,
    })),
    user: securityContext.runAsUser,
    group: securityContext.runAsGroup,
    dropCapabilities: securityContext.capabilities.drop,
    noNewPrivileges: !securityContext.allowPrivilegeEscalation,
    readOnlyRoot: securityContext.readOnlyRootFilesystem,
    seccomp: spec.securityContext.seccompProfile.type === 'RuntimeDefault' ? 'RuntimeDefault' : 'Unconfined',
    memoryLimitBytes: mebibytes(resources.limits.memory) * 1024 * 1024,
    cpuLimitMilli: milli(resources.limits.cpu),
    cpuRequestMilli: milli(resources.requests.cpu),
    oomScoreAdj: spec.priorityClassName === 'system-node-critical' ? -997 : 1000,
  };
}

function hostPathOf(path: string | undefined, lab: Lab): string {
  if (path === undefined) throw new Error('a mount without a volume');
  return path === RUNTIME_DIRECTORY ? lab.directory.path : path;
}

/** `128Mi`. */
function mebibytes(quantity: string): number {
  const value = /^(\d+)Mi$/.exec(quantity)?.[1];
  if (value === undefined) throw new Error(`not in Mi: ${quantity}`);
  return Number(value);
}

/** `500m`. */
function milli(quantity: string): number {
  const value = /^(\d+)m$/.exec(quantity)?.[1];
  if (value === undefined) throw new Error(`not in m: ${quantity}`);
  return Number(value);
}

/** The host-local plugin writes down who got which address. */
function addressOf(lab: Lab, sandboxId: string): string {
  const directory = join(lab.directory.cniState, lab.directory.name);
  const found = readdirSync(directory).find(
    (name) => /^[\d.]+$/.test(name) && readFileSync(join(directory, name), 'utf8').includes(sandboxId),
  );
  if (found === undefined) throw new Error(`no address of ${sandboxId}`);
  return found;
}

const GET = `fetch(process.argv[1], { signal: AbortSignal.timeout(5000) })
  .then(async (answer) => console.log(JSON.stringify({ status: answer.status, body: await answer.text() })))
  .catch((error) => console.log(JSON.stringify({ status: 0, body: String(error.cause ?? error) })));`;

/** Asks from the network namespace of a process. */
async function get(pid: number, url: string): Promise<Answer> {
  const { stdout, stderr } = await run('nsenter', ['-t', String(pid), '-n', process.execPath, '-e', GET, url]);
  if (stdout === '') throw new Error(`nsenter: ${stderr}`);
  return JSON.parse(stdout) as Answer;
}
