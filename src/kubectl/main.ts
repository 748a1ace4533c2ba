/** `kubectl pausewatch`: what the agents of a cluster say, as one table. A program of its own, for a person's machine. */
import { visible } from '../publish/text/clean-text.ts';
import { VERSION } from '../version.ts';
import { clusterQuery, renderClusterJson, renderClusterTable } from './cluster-table.ts';
import { type PluginRequest, parsePlugin, renderPluginHelp } from './command-line.ts';
import { gather } from './gather.ts';
import { KubectlError, listAgentPods } from './kubectl.ts';

const COULD_NOT = 2;
const WRONG_USE = 64;
const INTERRUPTED = 130;
/** Beyond this, port-forwards are a burden to the API server that Prometheus is not. */
const MAX_NODES = 50;

async function main(): Promise<number> {
  const asked = parsePlugin(process.argv.slice(2));
  switch (asked.kind) {
    case 'version':
      process.stdout.write(`kubectl-pausewatch ${VERSION}\n`);
      return 0;
    case 'help':
      process.stdout.write(renderPluginHelp());
      return 0;
    case 'mistakes':
      for (const mistake of [...asked.mistakes, 'see kubectl pausewatch --help']) say(mistake);
      return WRONG_USE;
    case 'show':
      return await show(asked.request);
    default:
      return asked satisfies never;
  }
}

async function show(request: PluginRequest): Promise<number> {
  const { namespace, nodes, by, output } = request;
  const all = await listAgentPods(request, namespace);
  const pods = nodes.length === 0 ? all : all.filter(({ node }) => nodes.includes(node));
  for (const node of nodes) if (!pods.some((pod) => pod.node === node)) say(`no agent runs on node ${node}`);
  if (pods.length === 0) {
    say(`no pod has the label app.kubernetes.io/name=pausewatch${namespace === undefined ? '' : ` in ${namespace}`}`);
    return COULD_NOT;
  }
  if (pods.length > MAX_NODES) {
    say(
      `${pods.length} nodes are too many to ask one by one (at most ${MAX_NODES}; --node picks some). Ask Prometheus:`,
    );
    process.stdout.write(`${clusterQuery(by)}\n`);
    return COULD_NOT;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.abort());
  const gathered = await gather(request, pods, interrupted.signal);
  if (interrupted.signal.aborted) return INTERRUPTED;
  const columns = process.stdout.columns || Number(process.env['COLUMNS']) || 120;
  process.stdout.write(output === 'json' ? renderClusterJson(gathered) : renderClusterTable(gathered, by, columns));
  const isWhole = gathered.unanswered.length === 0 && nodes.every((node) => pods.some((pod) => pod.node === node));
  return isWhole ? 0 : COULD_NOT;
}

/** One line for a person. */
function say(message: string): void {
  process.stderr.write(`kubectl-pausewatch: ${visible(message)}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  const what = error instanceof Error ? error.message : String(error);
  say(error instanceof KubectlError ? what : `this is a bug in kubectl-pausewatch, please report it: ${what}`);
  process.exitCode = COULD_NOT;
}
