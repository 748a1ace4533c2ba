// Pods on a dockerd, named, labelled and wired as dockershim did it.
import type { DockerApi } from './docker-api.ts';

/** What a test asks for. */
export interface DockerPodSpec {
  readonly name: string;
  readonly uid: string;
  readonly attempt?: number;
  readonly pidMode: 'container' | 'pod' | 'node';
  readonly pauseImage: string;
  readonly appImage: string;
  readonly command: readonly string[];
  /** False: names only, as if the labels had been lost. */
  readonly isLabelled?: boolean;
  /** What was appended to the sandbox's name after a conflict. */
  readonly suffix?: string;
}

/** A pod that was started. */
export interface DockerPod {
  readonly sandboxId: string;
  readonly appId: string;
  readonly pausePid: number;
  readonly appPid: number;
}

const NAMESPACE = 'shop';

/** Starts a sandbox and one app container, "app". `cgroup` is what both are put below. */
export async function startDockerPod(api: DockerApi, spec: DockerPodSpec, cgroup: string): Promise<DockerPod> {
  const { name, uid, attempt = 0, suffix } = spec;
  const place = `${name}_${NAMESPACE}_${uid}`;
  // What dockershim wrote, but for OomScoreAdj -998: a machine may not be allowed to lower it.
  const shared = { CgroupParent: `${cgroup}/pod${uid}`, OomScoreAdj: 0, NetworkMode: 'host', IpcMode: 'shareable' };
  const hostPid = spec.pidMode === 'node' ? { PidMode: 'host' } : {};
  const sandboxName = `k8s_POD_${place}_${attempt}${suffix === undefined ? '' : `_${suffix}`}`;
  const sandboxId = await start(api, sandboxName, {
    Image: spec.pauseImage,
    Labels: labels(spec, { 'io.kubernetes.docker.type': 'podsandbox', 'io.kubernetes.container.name': 'POD' }),
    HostConfig: { ...shared, ...hostPid, CpuShares: 2 },
  });
  const joined = `container:${sandboxId}`;
  const pid = spec.pidMode === 'pod' ? { PidMode: joined } : hostPid;
  const appId = await start(api, `k8s_app_${place}_0`, {
    Image: spec.appImage,
    Entrypoint: spec.command,
    Labels: labels(spec, {
      'io.kubernetes.docker.type': 'container',
      'io.kubernetes.container.name': 'app',
      'io.kubernetes.sandbox.id': sandboxId,
    }),
    HostConfig: { ...shared, NetworkMode: joined, IpcMode: joined, ...pid, SecurityOpt: ['seccomp=unconfined'] },
  });
  return { sandboxId, appId, pausePid: await pidOf(api, sandboxId), appPid: await pidOf(api, appId) };
}

function labels(spec: DockerPodSpec, own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (spec.isLabelled === false) return {};
  return {
    ...own,
    'io.kubernetes.pod.name': spec.name,
    'io.kubernetes.pod.namespace': NAMESPACE,
    'io.kubernetes.pod.uid': spec.uid,
  };
}

async function start(api: DockerApi, name: string, container: object): Promise<string> {
  const created = (await api.call('POST', `/containers/create?name=${name}`, container)) as { readonly Id: string };
  await api.call('POST', `/containers/${created.Id}/start`);
  return created.Id;
}

async function pidOf(api: DockerApi, id: string): Promise<number> {
  const container = (await api.call('GET', `/containers/${id}/json`)) as { readonly State: { readonly Pid: number } };
  return container.State.Pid;
}
