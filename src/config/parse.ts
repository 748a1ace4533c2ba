/** Reads the command line and the environment into a configuration, or lists every mistake in them at once. */
import { parseArgs } from 'node:util';
import {
  COMMANDS,
  type Command,
  type Defaulted,
  environmentName,
  OPTIONS,
  type Option,
  REPLAYABLE,
  type Repeatable,
  type RunCommand,
  SWITCHES,
  type Switch,
} from './options.ts';

type OptionName = keyof typeof OPTIONS;
type SwitchName = Exclude<keyof typeof SWITCHES, 'help' | 'version'>;
type ValueOf<O> =
  O extends Repeatable<infer T>
    ? readonly T[]
    : O extends Defaulted<infer T>
      ? T
      : O extends Option<infer T>
        ? T | undefined
        : never;

/** Everything the command line and the environment say; what has no default is undefined unless given. */
export type Config = { readonly [K in OptionName]: ValueOf<(typeof OPTIONS)[K]> } & {
  readonly [K in SwitchName]: boolean;
} & {
  readonly command: RunCommand;
  /** Path of the recording to look at in place of the node. */
  readonly recording: string | undefined;
  /** What is to be inspected: namespace/name, name, or the beginning of a sandbox id; empty for other commands. */
  readonly pod: string;
};

/** What the command line asks for. */
export type Request =
  | { readonly kind: 'run'; readonly config: Config }
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

/** The environment, as far as it is looked at. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What was typed, not yet read. */
export interface Given {
  readonly values: Map<string, string[]>;
  readonly switches: Set<string>;
  readonly positionals: string[];
  readonly mistakes: string[];
}

/** What the words (what is no flag) ask for. */
interface Words {
  /** As typed: decides which flags belong. */
  readonly command: Command;
  readonly run: RunCommand;
  readonly recording: string | undefined;
  readonly pod: string;
}

/** A flag, as far as telling it from others goes. */
interface Flag {
  readonly flag: string;
  readonly short?: string;
}

/** Reads argv (without node and script) and the environment. */
export function parseRequest(argv: readonly string[], environment: Environment): Request {
  const command = commandNamed(readCommandLine(argv, 'serve').positionals[0]);
  const given = readCommandLine(argv, command ?? 'serve');
  const [word, ...rest] = given.positionals;
  if (given.switches.has('version')) return { kind: 'version' };
  if (word === 'help') return { kind: 'help', command: commandNamed(rest[0]) };
  if (given.switches.has('help')) return { kind: 'help', command };
  if (word !== undefined && command === undefined) {
    given.mistakes.unshift(`unknown command "${word}"; there are ${COMMANDS.join(', ')}`);
  }
  const words = readWords(command, rest, given.mistakes);
  const config = readConfig(words, given, environment);
  return given.mistakes.length > 0 ? { kind: 'mistakes', mistakes: given.mistakes } : { kind: 'run', config };
}

function commandNamed(word: string | undefined): Command | undefined {
  return COMMANDS.find((name) => name === word);
}

/** `replay <file> [scan|serve|inspect <pod>]` and `inspect <pod>`; no other command takes words. */
function readWords(command: Command | undefined, rest: readonly string[], mistakes: string[]): Words {
  if (command === 'inspect') return { command, run: command, recording: undefined, pod: readPod(rest, mistakes) };
  if (command !== 'replay') {
    if (command !== undefined && rest.length > 0) mistakes.push(`too many words: ${rest.join(' ')}`);
    return { command: command ?? 'serve', run: command ?? 'serve', recording: undefined, pod: '' };
  }
  const [recording, what = REPLAYABLE[0], ...more] = rest;
  const run = REPLAYABLE.find((name) => name === what);
  if (recording === undefined) mistakes.push('replay needs the file of a recording: pausewatch replay <file>');
  if (run === undefined) mistakes.push(`"${what}" cannot be done with a recording; there are ${REPLAYABLE.join(', ')}`);
  if (run === 'inspect') return { command, run, recording, pod: readPod(more, mistakes) };
  if (more.length > 0) mistakes.push(`too many words: ${more.join(' ')}`);
  return { command, run: run ?? REPLAYABLE[0], recording, pod: '' };
}

function readPod([pod = '', ...more]: readonly string[], mistakes: string[]): string {
  if (pod === '') mistakes.push('inspect needs a pod: namespace/name, name, or the beginning of a sandbox id');
  if (more.length > 0) mistakes.push(`too many words: ${more.join(' ')}`);
  return pod;
}

/** Reads the arguments; of two flags with one short form that of the command is meant. */
function readCommandLine(argv: readonly string[], command: Command): Given {
  const belongsFirst = (a: Option<unknown>, b: Option<unknown>): number =>
    Number(b.commands.includes(command)) - Number(a.commands.includes(command));
  const valued = Object.values<Option<unknown>>(OPTIONS).toSorted(belongsFirst);
  return readArguments(argv, valued, Object.values(SWITCHES));
}

/** Splits a command line into flags that take a value, switches, and words; what is neither is noted as a mistake. */
export function readArguments(argv: readonly string[], valued: readonly Flag[], switches: readonly Flag[]): Given {
  const given: Given = { values: new Map(), switches: new Set(), positionals: [], mistakes: [] };
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {};
  for (const it of valued) options[it.flag] = { type: 'string', ...short(it) };
  for (const it of switches) options[it.flag] = { type: 'boolean', ...short(it) };
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') given.positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const isSwitch = options[token.name]?.type === 'boolean';
    if (!Object.hasOwn(options, token.name)) given.mistakes.push(`unknown flag ${token.rawName}`);
    else if (isSwitch && token.value !== undefined) given.mistakes.push(`${token.rawName} takes no value`);
    else if (isSwitch) given.switches.add(token.name);
    else if (token.value === undefined || isMissing(token.value, token.inlineValue)) {
      given.mistakes.push(`${token.rawName} needs a value`);
    } else given.values.set(token.name, [...(given.values.get(token.name) ?? []), token.value]);
  }
  return given;
}

/** `--node-name --all`: the next flag was taken for a value. */
function isMissing(value: string, inline: boolean | undefined): boolean {
  return inline !== true && value.startsWith('--');
}

function short(it: { readonly short?: string }): { short?: string } {
  return it.short === undefined ? {} : { short: it.short };
}

/** Reads every option; the result is to be used only when no mistake was noted. */
function readConfig(words: Words, given: Given, environment: Environment): Config {
  const { run, recording, pod } = words;
  const values: Record<string, unknown> = { command: run, recording, pod };
  for (const [name, option] of Object.entries<Option<unknown>>(OPTIONS)) {
    const read = readOption(option, words, given, environment);
    values[name] = option.repeatable === true ? [...new Set(read)] : read.at(-1);
  }
  for (const [name, it] of Object.entries<Switch>(SWITCHES)) values[name] = takeSwitch(it, words, given, environment);
  const config = values as Config;
  if (run === 'scan' && !config.watch && given.values.has(OPTIONS.intervalMs.flag)) {
    given.mistakes.push(`--audit.interval does not belong to ${nameOf(words)} without --watch`);
  }
  given.mistakes.push(...listContradictions(config));
  return config;
}

/** Settings that are sound alone and not together. */
function listContradictions(config: Config): string[] {
  const { command, recording, settleMs, intervalMs, watch, output, namespaces, severity } = config;
  const mistakes: string[] = [];
  if (command === 'serve' && recording === undefined && settleMs >= intervalMs) {
    mistakes.push(`--settle (${settleMs} ms) must be shorter than --audit.interval (${intervalMs} ms)`);
  }
  if (command === 'inspect' && output !== 'table' && output !== 'json') {
    mistakes.push(`--output must be one of table, json for inspect, not "${output}"`);
  }
  if (command !== 'scan') return mistakes;
  if (watch && (output === 'prometheus' || output === 'junit')) {
    mistakes.push(`--watch does not go with --output ${output}`);
  }
  if (output !== 'prometheus') return mistakes;
  // Metrics of half a node would be read as something they are not.
  if (namespaces.length > 0) mistakes.push('--namespace does not go with --output prometheus');
  if (severity !== undefined && severity !== 'info') mistakes.push('--severity does not go with --output prometheus');
  return mistakes;
}

function readOption<T>(option: Option<T>, words: Words, given: Given, environment: Environment): T[] {
  const applies = belongs(option, words);
  if (!applies && given.values.has(option.flag)) {
    given.mistakes.push(`--${option.flag} does not belong to ${nameOf(words)}`);
    return [];
  }
  return readValues(option, given, applies ? environment : {});
}

/** The flag wins over PAUSEWATCH_…, that over the other variables, those over the default. */
export function readValues<T>(option: Option<T>, given: Given, environment: Environment): T[] {
  const typed = given.values.get(option.flag);
  const variables = [environmentName(option.flag), ...(option.env ?? [])];
  const variable = variables.find((name) => (environment[name] ?? '') !== '');
  const source = typed === undefined && variable !== undefined ? variable : `--${option.flag}`;
  const texts =
    typed ?? [variable === undefined ? option.fallback : environment[variable]].filter((it) => it !== undefined);
  return texts.flatMap((it) => {
    const reading = option.read(it);
    if ('value' in reading) return [reading.value];
    const mistakes = 'mistake' in reading ? [reading.mistake] : reading.mistakes;
    given.mistakes.push(...mistakes.map((mistake) => `${source} ${mistake}`));
    return [];
  });
}

function takeSwitch(it: Switch, words: Words, given: Given, environment: Environment): boolean {
  const applies = belongs(it, words);
  const on = given.switches.has(it.flag);
  if (on && !applies) given.mistakes.push(`--${it.flag} does not belong to ${nameOf(words)}`);
  if (on || !applies || it.question === true) return on;
  const variable = environmentName(it.flag);
  const said = environment[variable] ?? '';
  if (!['', '0', 'false', '1', 'true'].includes(said)) {
    given.mistakes.push(`${variable} must be true or false, not "${said}"`);
  }
  return said === '1' || said === 'true';
}

/** What is done with a recording takes the flags that it shares with `replay`. */
function belongs({ commands }: { readonly commands: readonly Command[] }, { command, run }: Words): boolean {
  return commands.includes(command) && commands.includes(run);
}

function nameOf({ command, run }: Words): string {
  return command === run ? command : `${command} <file> ${run}`;
}
