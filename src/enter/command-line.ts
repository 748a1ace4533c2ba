/** The command line of `pausewatch-enter`: which pod, what to run there, and where to ask. */
import { flagHelp, switchHelp, wrapHelp } from '../config/help.ts';
import { OPTIONS, type Option, SWITCHES, type Switch } from '../config/options.ts';
import { type Environment, readArguments, readValues } from '../config/parse.ts';
import { text } from '../config/readers.ts';

/** What a person wants. */
export interface EnterRequest {
  /** namespace/name, name, or the beginning of a sandbox id. */
  readonly pod: string;
  /** Program and arguments; empty for a shell. */
  readonly command: readonly string[];
  /** Name of the container whose files are wanted. */
  readonly mount: string | undefined;
  readonly runtimeEndpoints: readonly string[];
  /** Prefix of the well-known sockets. */
  readonly run: string;
}

/** What the command line asks for. */
export type EnterCommandLine =
  | { readonly kind: 'enter'; readonly request: EnterRequest }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

const MOUNT: Option<string> = {
  flag: 'mount',
  value: '<container>',
  help:
    'Start in the root directory of this container ($CONTAINER_ROOT), its volumes included, and in its PID namespace. ' +
    "The programs stay the host's, so that an image without a shell can be looked into too.",
  commands: [],
  read: text,
};
const TABLE: readonly Option<unknown>[] = [MOUNT, OPTIONS.runtimeEndpoints, OPTIONS.run];
const QUESTIONS: readonly Switch[] = [SWITCHES.help, SWITCHES.version];

/** Reads argv (without node and script): everything after "--" is the command. */
export function parseEnter(argv: readonly string[], environment: Environment): EnterCommandLine {
  const end = argv.indexOf('--');
  const given = readArguments(end < 0 ? argv : argv.slice(0, end), TABLE, QUESTIONS);
  if (given.switches.has('version')) return { kind: 'version' };
  if (given.switches.has('help')) return { kind: 'help' };
  const [pod, ...more] = given.positionals;
  if (pod === undefined) given.mistakes.push('which pod? Give namespace/name, name, or the beginning of a sandbox id');
  if (more.length > 0) given.mistakes.push(`put -- before the command: pausewatch-enter ${pod} -- ${more.join(' ')}`);
  if (end >= 0 && end === argv.length - 1) given.mistakes.push('nothing follows --: leave it out for a shell');
  const [mount] = given.values.has(MOUNT.flag) ? readValues(MOUNT, given, {}) : [];
  const runtimeEndpoints = [...new Set(readValues(OPTIONS.runtimeEndpoints, given, environment))];
  const run = readValues(OPTIONS.run, given, environment).at(-1) ?? '/run';
  if (pod === undefined || given.mistakes.length > 0) return { kind: 'mistakes', mistakes: given.mistakes };
  const command = end < 0 ? [] : argv.slice(end + 1);
  return { kind: 'enter', request: { pod, command, mount, runtimeEndpoints, run } };
}

/** The help. */
export function renderEnterHelp(): string {
  const paragraphs = [
    "pausewatch-enter runs a shell, or a command, in the namespaces of a pod (net, ipc, uts, PID) with this host's own programs and files.",
    'Usage: pausewatch-enter <pod> [flags] [-- <command> ...]',
    'Nothing is started in the pod and nothing is added to its files: /proc is mounted in a mount namespace that ends with the shell. ' +
      'What is left running in the background becomes a child of PID 1 in the PID namespace: where that one does not reap, it stays a zombie until the pod ends.',
  ];
  const exit =
    'Exit code: that of the command (128 + n when signal n ended it), 125 when the pod could not be entered, 64 for mistakes on the command line.';
  const flags = [...TABLE.flatMap(flagHelp), ...QUESTIONS.flatMap(switchHelp)];
  const lines = [...paragraphs.flatMap((it) => [...wrapHelp(it), '']), 'Flags:', ...flags, '', ...wrapHelp(exit)];
  return `${lines.join('\n')}\n`;
}
