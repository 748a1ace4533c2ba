/** Reads the command line and the environment into a configuration, or lists every mistake in them at once. */
import { parseArgs } from 'node:util';
import {
  COMMANDS,
  type Command,
  type Defaulted,
  environmentName,
  OPTIONS,
  type Option,
  SWITCHES,
  type Switch,
} from './options.ts';

type OptionName = keyof typeof OPTIONS;
type ValueOf<O> = O extends Defaulted<infer T> ? T : O extends Option<infer T> ? T | undefined : never;

/** Everything the command line and the environment say; what has no default is undefined unless given. */
export type Config = { readonly [K in Exclude<OptionName, 'runtimeEndpoints'>]: ValueOf<(typeof OPTIONS)[K]> } & {
  readonly command: Command;
  readonly runtimeEndpoints: readonly string[];
  readonly all: boolean;
  readonly strict: boolean;
};

/** What the command line asks for. */
export type Request =
  | { readonly kind: 'run'; readonly config: Config }
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

/** The environment, as far as it is looked at. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface Given {
  readonly values: Map<string, string[]>;
  readonly switches: Set<string>;
  readonly positionals: string[];
  readonly mistakes: string[];
}

/** Reads argv (without node and script) and the environment. */
export function parseRequest(argv: readonly string[], environment: Environment): Request {
  const given = readArguments(argv);
  const [word, ...rest] = given.positionals;
  const command = COMMANDS.find((name) => name === word);
  if (given.switches.has('version')) return { kind: 'version' };
  if (word === 'help') return { kind: 'help', command: COMMANDS.find((name) => name === rest[0]) };
  if (given.switches.has('help')) return { kind: 'help', command };
  if (word !== undefined && command === undefined) {
    given.mistakes.unshift(`unknown command "${word}"; there are ${COMMANDS.join(' and ')}`);
  }
  if (command !== undefined && rest.length > 0) given.mistakes.push(`too many words: ${rest.join(' ')}`);
  const config = readConfig(command ?? 'serve', given, environment);
  return given.mistakes.length > 0 ? { kind: 'mistakes', mistakes: given.mistakes } : { kind: 'run', config };
}

function readArguments(argv: readonly string[]): Given {
  const given: Given = { values: new Map(), switches: new Set(), positionals: [], mistakes: [] };
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {};
  for (const it of Object.values<Option<unknown>>(OPTIONS)) options[it.flag] = { type: 'string', ...short(it) };
  for (const it of Object.values<Switch>(SWITCHES)) options[it.flag] = { type: 'boolean', ...short(it) };
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
function readConfig(command: Command, given: Given, environment: Environment): Config {
  const values: Record<string, unknown> = { command };
  for (const [name, option] of Object.entries<Option<unknown>>(OPTIONS)) {
    const read = readOption(option, command, given, environment);
    values[name] = option === OPTIONS.runtimeEndpoints ? [...new Set(read)] : read.at(-1);
  }
  for (const [name, it] of Object.entries<Switch>(SWITCHES)) values[name] = takeSwitch(it, command, given);
  const config = values as Config;
  if (command === 'serve' && config.settleMs >= config.intervalMs) {
    given.mistakes.push(
      `--settle (${config.settleMs} ms) must be shorter than --audit.interval (${config.intervalMs} ms)`,
    );
  }
  return config;
}

/** The flag wins over PAUSEWATCH_…, that over the other variables, those over the default. */
function readOption<T>(option: Option<T>, command: Command, given: Given, environment: Environment): T[] {
  const typed = given.values.get(option.flag);
  const applies = option.commands.includes(command);
  if (typed !== undefined && !applies) {
    given.mistakes.push(`--${option.flag} does not belong to ${command}`);
    return [];
  }
  const variables = [environmentName(option.flag), ...(option.env ?? [])];
  const variable = applies ? variables.find((name) => (environment[name] ?? '') !== '') : undefined;
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

function takeSwitch(it: Switch, command: Command, given: Given): boolean {
  const on = given.switches.has(it.flag);
  if (on && !it.commands.includes(command)) given.mistakes.push(`--${it.flag} does not belong to ${command}`);
  return on;
}
