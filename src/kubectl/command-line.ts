/** The command line of `kubectl pausewatch`: where the agents are, and how to show what they say. */
import { flagHelp, switchHelp, wrapHelp } from '../config/help.ts';
import { type Option, SWITCHES, type Switch } from '../config/options.ts';
import { readArguments, readValues } from '../config/parse.ts';
import { oneOf, text } from '../config/readers.ts';

/** What the rows of the table are. */
export type Dimension = 'node' | 'namespace' | 'image';

/** What a person wants to see. */
export interface PluginRequest {
  /** Namespace of the DaemonSet; undefined for wherever it is. */
  readonly namespace: string | undefined;
  readonly context: string | undefined;
  readonly kubeconfig: string | undefined;
  /** Only these nodes; empty for all. */
  readonly nodes: readonly string[];
  readonly by: Dimension;
  readonly output: 'table' | 'json';
}

/** What the command line asks for. */
export type PluginCommandLine =
  | { readonly kind: 'show'; readonly request: PluginRequest }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

/** An option of a program that is no command of the agent. */
function own<T>(it: Omit<Option<T>, 'commands'>): Option<T> {
  return { ...it, commands: [] };
}

const NAMESPACE = own({
  flag: 'namespace',
  short: 'n',
  value: '<namespace>',
  fallbackNote: 'wherever it is',
  help: 'Namespace of the DaemonSet. Its pods are those with the label app.kubernetes.io/name=pausewatch.',
  read: text,
});
const CONTEXT = own({ flag: 'context', value: '<name>', help: 'As kubectl --context.', read: text });
const KUBECONFIG = own({ flag: 'kubeconfig', value: '<file>', help: 'As kubectl --kubeconfig.', read: text });
const NODE = own({
  flag: 'node',
  value: '<name>',
  fallbackNote: 'all',
  help: 'Only this node. May be repeated.',
  read: text,
});
const BY = own<Dimension>({
  flag: 'by',
  value: '<node|namespace|image>',
  fallback: 'node',
  help: 'What the rows of the table are.',
  read: oneOf(['node', 'namespace', 'image']),
});
const OUTPUT = own<PluginRequest['output']>({
  flag: 'output',
  short: 'o',
  value: '<table|json>',
  fallback: 'table',
  help: 'A table for people, or everything the agents said as one document.',
  read: oneOf(['table', 'json']),
});
const ALL: Switch = {
  flag: 'all-namespaces',
  short: 'A',
  help: 'Look for the DaemonSet in every namespace; so without --namespace.',
  commands: [],
};
const OPTIONS: readonly Option<unknown>[] = [NAMESPACE, CONTEXT, KUBECONFIG, NODE, BY, OUTPUT];
const SWITCHES_HERE: readonly Switch[] = [ALL, SWITCHES.help, SWITCHES.version];

/** Reads argv, without node and script. */
export function parsePlugin(argv: readonly string[]): PluginCommandLine {
  const given = readArguments(argv, OPTIONS, SWITCHES_HERE);
  if (given.switches.has('version')) return { kind: 'version' };
  if (given.switches.has('help')) return { kind: 'help' };
  if (given.positionals.length > 0) given.mistakes.push(`too many words: ${given.positionals.join(' ')}`);
  const last = <T>(option: Option<T>): T | undefined => readValues(option, given, {}).at(-1);
  const namespace = last(NAMESPACE);
  if (namespace !== undefined && given.switches.has(ALL.flag)) {
    given.mistakes.push('--namespace and --all-namespaces exclude each other');
  }
  const nodes = [...new Set(readValues(NODE, given, {}))];
  const [by, output] = [last(BY) ?? 'node', last(OUTPUT) ?? 'table'];
  const request = { namespace, context: last(CONTEXT), kubeconfig: last(KUBECONFIG), nodes, by, output };
  return given.mistakes.length > 0 ? { kind: 'mistakes', mistakes: given.mistakes } : { kind: 'show', request };
}

/** The help. */
export function renderPluginHelp(): string {
  const lines = [
    ...wrapHelp(
      'kubectl pausewatch asks the pausewatch agents of a cluster through port-forwards that it opens and closes, and joins their findings into one table.',
    ),
    '',
    'Usage: kubectl pausewatch [flags]',
    '',
    'Flags:',
    ...OPTIONS.flatMap(flagHelp),
    ...SWITCHES_HERE.flatMap(switchHelp),
    '',
    ...wrapHelp(
      'Exit code: 0 every agent answered, 2 some did not or there are too many to ask, 64 for mistakes on the command line.',
    ),
  ];
  return `${lines.join('\n')}\n`;
}
