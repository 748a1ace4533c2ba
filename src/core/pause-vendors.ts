/** Who ships which pause: names, commands and numbers of the images that clusters run on. */
import { compareVersions, type ImageRef } from './image-ref.ts';

/** Programs of the known pause images: upstream and most vendors, Bottlerocket, OpenShift. */
export const PAUSE_COMMANDS: readonly string[] = ['/pause', '/usr/bin/pause', '/usr/bin/pod'];

/** Full names without tag, each the pattern of one vendor's pause images. */
const KNOWN_REPOSITORIES: readonly RegExp[] = [
  /^registry\.k8s\.io\/pause(-\w+)?$/,
  /^k8s\.gcr\.io\/pause(-\w+)?$/,
  /^gcr\.io\/google[_-]containers\/pause(-\w+)?$/,
  /^docker\.io\/kubernetes\/pause$/,
  /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\/eks\/pause$/,
  /^localhost\/kubernetes\/pause$/,
  /^docker\.io\/amazon\/amazon-ecs-pause$/,
  /^gke\.gcr\.io\/pause$/,
  /^mcr\.microsoft\.com\/oss\/(v2\/)?kubernetes\/pause$/,
  /^docker\.io\/rancher\/(mirrored-)?pause$/,
  /^quay\.io\/openshift-release-dev\/.+$/,
  /^quay\.io\/dougrabson\/pause$/,
  /^registry\.([a-z0-9-]+\.)?aliyuncs\.com\/google_containers\/pause(-\w+)?$/,
  /^ccr\.ccs\.tencentyun\.com\/library\/pause$/,
  /^[^/]+\/(.+\/)?cce-pause$/,
];

/** Whether a pause image of this name is known to exist. */
export function isKnownRepository({ registry, repository }: ImageRef): boolean {
  return KNOWN_REPOSITORIES.some((name) => name.test(`${registry}/${repository}`));
}

/** Last part of a repository that reads like a pause image: "pause", "pause-amd64", "mirrored-pause", "cce-pause". */
const PAUSE_NAME = /^(mirrored-|cce-|amazon-ecs-)?pause(-(amd64|arm|arm64|ppc64le|s390x))?$/;

/** Whether an image is called pause, whoever made it. */
export function isCalledPause({ repository }: ImageRef): boolean {
  return PAUSE_NAME.test(repository.split('/').at(-1) ?? '');
}

/** Upstream counts from 1; images that count from 0 (EKS) or carry another name have numbers of their own. */
export function followsUpstreamNumbers(image: ImageRef): boolean {
  const isEcs = image.repository.endsWith('amazon-ecs-pause');
  return isCalledPause(image) && !isEcs && image.version !== undefined && compareVersions(image.version, '1') >= 0;
}

/** The registries of the Kubernetes project, present and past: only there do tags follow Kubernetes releases. */
export function isUpstream(image: ImageRef): boolean {
  return isLegacyRegistry(image) || (image.registry === 'registry.k8s.io' && isCalledPause(image));
}

/** k8s.gcr.io and gcr.io/google_containers: frozen since 2023-04-03. */
export function isLegacyRegistry({ registry, repository }: ImageRef): boolean {
  return registry === 'k8s.gcr.io' || (registry === 'gcr.io' && /^google[_-]containers\//.test(repository));
}

/** First pause that was never published in the frozen registries. */
export const FIRST_NOT_IN_LEGACY = '3.10';

/** Kubernetes minor version (of 1.x) from which on kubeadm has asked for a pause version. */
const KUBEADM_DEFAULTS: readonly (readonly [minor: number, pause: string])[] = [
  [10, '3.1'],
  [18, '3.2'],
  [21, '3.4.1'],
  [22, '3.5'],
  [23, '3.6'],
  [24, '3.7'],
  [25, '3.8'],
  [26, '3.9'],
  [31, '3.10'],
  [34, '3.10.1'],
];

/** Newest Kubernetes minor version whose default is certain. */
const NEWEST_KNOWN_MINOR = 35;

/** Pause version that kubeadm of this Kubernetes ("1.31.2", "v1.31") asks for; undefined where that is not known. */
export function kubeadmDefault(kubeletVersion: string): string | undefined {
  const minor = minorOf(kubeletVersion);
  if (minor === undefined || minor > NEWEST_KNOWN_MINOR) return undefined;
  return KUBEADM_DEFAULTS.findLast(([since]) => since <= minor)?.[1];
}

/** Since 1.29 the kubelet's image garbage collection spares pinned images only, whatever its flag names (case 49). */
export function trustsPins(kubeletVersion: string): boolean | undefined {
  const minor = minorOf(kubeletVersion);
  return minor === undefined ? undefined : minor >= 29;
}

function minorOf(kubeletVersion: string): number | undefined {
  const minor = /^v?1\.(\d{1,3})(?!\d)/.exec(kubeletVersion)?.[1];
  return minor === undefined ? undefined : Number(minor);
}
