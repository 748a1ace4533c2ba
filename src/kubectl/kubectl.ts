/** Runs the person's own kubectl: lists the agents' pods, and holds a port-forward open while it is needed. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** kubectl failed, or said something else than expected; the message is for a person. */
export class KubectlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KubectlError';
  }
}

/** A pod of the DaemonSet. */
export interface AgentPod {
  readonly namespace: string;
  readonly name: string;
  /** Empty while it is not scheduled. */
  readonly node: string;
  /** Pending, Running, Succeeded, Failed or Unknown. */
  readonly phase: string;
}

/** Which cluster, in kubectl's own flags. */
export interface Cluster {
  readonly context: string | undefined;
  readonly kubeconfig: string | undefined;
}

const SELECTOR = 'app.kubernetes.io/name=pausewatch';
/** The port agents listen on by default. */
const DEFAULT_PORT = 10_961;
/** How long a port-forward may take to listen, in milliseconds. */
const FORWARD_MS = 15_000;
/** How long a list may take, in milliseconds: of a large cluster behind a slow line, too. */
const LIST_MS = 60_000;
const MAX_LIST_BYTES = 256 * 1024 * 1024;

interface PodJson {
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly deletionTimestamp?: string };
  readonly spec?: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string };
}

/** Pods of the DaemonSet, those that are being removed left out; in every namespace when none is named. */
export async function listAgentPods(cluster: Cluster, namespace: string | undefined): Promise<readonly AgentPod[]> {
  const where = namespace === undefined ? ['--all-namespaces'] : ['--namespace', namespace];
  const text = await runKubectl([...clusterFlags(cluster), 'get', 'pods', ...where, '-l', SELECTOR, '-o', 'json']);
  return readPods(text)
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .map(({ metadata, spec, status }) => ({
      namespace: metadata?.namespace ?? '',
      name: metadata?.name ?? '',
      node: spec?.nodeName ?? '',
      phase: status?.phase ?? 'Unknown',
    }));
}

function readPods(text: string): readonly PodJson[] {
  try {
    const { items } = JSON.parse(text) as { items?: readonly (PodJson | null)[] };
    if (Array.isArray(items)) return items.filter((it) => typeof it === 'object' && it !== null);
  } catch {
    // Not JSON: said below.
  }
  throw new KubectlError('kubectl get pods -o json did not answer with a list of pods');
}

/** Calls `use` with the URL of an agent while a port-forward to it is open; closes it whatever happens. */
export async function withForward<T>(
  cluster: Cluster,
  { namespace, name }: AgentPod,
  signal: AbortSignal,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const target = [
    'port-forward',
    '--namespace',
    namespace,
    '--address',
    '127.0.0.1',
    `pod/${name}`,
    `:${DEFAULT_PORT}`,
  ];
  const child = spawn('kubectl', [...clusterFlags(cluster), ...target], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close').catch(() => undefined);
  const close = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', close, { once: true });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  // With its end everything ends that waits for an answer through it.
  const cut = ended.then(() => {
    throw new KubectlError(firstLine(complaint) || 'kubectl port-forward ended without a word');
  });
  cut.catch(() => undefined);
  try {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(FORWARD_MS)]);
    const port = await Promise.race([readPort(child.stdout, deadline), cut]);
    return await Promise.race([use(`http://127.0.0.1:${port}`), cut]);
  } finally {
    signal.removeEventListener('abort', close);
    close();
    await ended;
  }
}

/** "Forwarding from 127.0.0.1:41234 -> 10961". */
async function readPort(stdout: NodeJS.ReadableStream, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: stdout, signal });
  for await (const line of lines) {
    const port = /^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line)?.[1];
    if (port === undefined) continue;
    lines.close();
    // It goes on to tell of every connection, and must not wait for somebody to read it.
    stdout.resume();
    return port;
  }
  // Of a kubectl that has ended its own words tell why; they come a moment later.
  if (!signal.aborted) await once(signal, 'abort');
  throw new KubectlError(`no port-forward within ${FORWARD_MS / 1000} s`);
}

function runKubectl(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('kubectl', [...args], { maxBuffer: MAX_LIST_BYTES, timeout: LIST_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.killed === true) reject(new KubectlError(`kubectl did not answer within ${LIST_MS / 1000} s`));
      else if (error.code === 'ENOENT') reject(new KubectlError('kubectl is not on the PATH'));
      else reject(new KubectlError(firstLine(stderr) || error.message));
    });
  });
}

function clusterFlags({ context, kubeconfig }: Cluster): string[] {
  return [
    ...(context === undefined ? [] : ['--context', context]),
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
  ];
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
