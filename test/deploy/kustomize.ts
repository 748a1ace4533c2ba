/** Renders kustomizations with kustomize 5, from Debian trixie: bookworm has none that is new enough. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { findProgram, unpackPackages } from '../lab/debian-packages.ts';
import type { Manifest } from './manifest-check.ts';

const run = promisify(execFile);

/** Path of kustomize, fetched when it is not cached. */
export async function kustomizeProgram(): Promise<string> {
  return findProgram(await unpackPackages({ names: ['kustomize'], suite: 'trixie' }, () => undefined), 'kustomize');
}

/** `kustomize build`, as text. */
export async function buildText(directory: string): Promise<string> {
  const { stdout } = await run(await kustomizeProgram(), ['build', directory], { maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

/** `kustomize build`, as objects. */
export async function build(directory: string): Promise<readonly Manifest[]> {
  return parseAllDocuments(await buildText(directory)).map((document) => document.toJS() as Manifest);
}

/** The parts of a DaemonSet that tests look at or start. */
export interface DaemonSetManifest extends Manifest {
  readonly spec: {
    readonly minReadySeconds: number;
    readonly updateStrategy: { readonly rollingUpdate: { readonly maxUnavailable: string } };
    readonly template: {
      readonly metadata: {
        readonly labels: Readonly<Record<string, string>>;
        readonly annotations: Readonly<Record<string, string>>;
      };
      readonly spec: PodTemplate;
    };
  };
}

/** Pod template of the DaemonSet. */
export interface PodTemplate {
  readonly hostPID?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostIPC?: boolean;
  readonly automountServiceAccountToken: boolean;
  readonly priorityClassName: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly unknown[];
  readonly securityContext: { readonly seccompProfile: { readonly type: string } };
  readonly containers: readonly [ContainerTemplate];
  readonly volumes: readonly {
    readonly name: string;
    readonly hostPath: { readonly path: string; readonly type: string };
  }[];
}

/** Its one container. */
export interface ContainerTemplate {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly {
    readonly name: string;
    readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } };
  }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly resources: Readonly<Record<'requests' | 'limits', { readonly cpu: string; readonly memory: string }>>;
  readonly securityContext: {
    readonly runAsUser: number;
    readonly runAsGroup: number;
    readonly privileged: boolean;
    readonly allowPrivilegeEscalation: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly appArmorProfile?: { readonly type: string };
    readonly seLinuxOptions?: { readonly type: string };
    readonly capabilities: { readonly drop: readonly string[]; readonly add?: readonly string[] };
  };
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly: boolean;
    readonly recursiveReadOnly?: string;
  }[];
}

/** An HTTP probe. */
export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

/** The DaemonSet among objects; throws when there is none. */
export function daemonSetOf(manifests: readonly Manifest[]): DaemonSetManifest {
  const found = manifests.find(({ kind }) => kind === 'DaemonSet');
  if (found === undefined) throw new Error('no DaemonSet among the objects');
  return found as DaemonSetManifest;
}
