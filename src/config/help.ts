/** Prints the help from the option table. */
import { COMMANDS, type Command, environmentName, OPTIONS, type Option, SWITCHES, type Switch } from './options.ts';

const SUMMARIES: Readonly<Record<Command, string>> = {
  serve: 'audit this node again and again and serve the result over HTTP (default)',
  scan: 'audit this node once, or again and again with --watch, and print the result',
  inspect: 'show one pod in depth: namespaces, processes, network, mounts',
  record: 'write down what was seen of this node, to be judged elsewhere or later',
  replay: 'scan, serve or inspect a recording in place of this node',
};

/** What follows a command before its flags. */
const WORDS: Readonly<Record<Command, string>> = {
  serve: '',
  scan: '',
  inspect: ' <pod>',
  record: '',
  replay: ' <file> [scan|serve|inspect <pod>]',
};

/** What flags alone do not tell. */
const NOTES: Readonly<Partial<Record<Command, readonly string[]>>> = {
  record: [
    'A recording is one JSON object with two looks, --settle apart. Arguments, environments, labels, annotations and logs are never part of it.',
    'With --redact the names of the node, of namespaces, pods, containers and processes, UIDs of pods, and images of containers are hashed: the same name is the same hash everywhere in one recording, under a random key that is thrown away, so that no list of likely names can be tried. Kept are numbers (PIDs, counters, limits, times, inodes), states, ids of sandboxes and containers, the shape of cgroup paths, pause images with their registry, the hash of the pause program, versions of the runtime, and the names of programs that start containers, of pause, of the kubelet and of usual inits. Of messages about what could not be read stay known words and hashed names; the rest becomes "…". Verdicts are the same as those of the plain recording.',
  ],
  replay: [
    'Every look is judged as of the time at which it was taken. scan is the default; flags are those of what is done. A file with one bare snapshot is read too, but one look cannot tell zombies.',
  ],
};

const EXITS: Readonly<Record<Command, string>> = {
  serve: 'Exit code: 0 on SIGTERM or SIGINT, 2 when it cannot serve, 64 for mistakes on the command line.',
  scan: 'Exit code: 0 nothing at or above --fail-on among what is shown, 1 something, 2 could not look, 64 for mistakes on the command line; with --watch that of the last audit.',
  inspect: 'Exit code: 0 shown, 2 no such pod, several fit, or could not look, 64 for mistakes on the command line.',
  record: 'Exit code: 0 recorded, 2 when the recording cannot be written, 64 for mistakes on the command line.',
  replay:
    'Exit code: 0 to 2 as of what is done, 2 also when the file cannot be read, 64 for mistakes on the command line.',
};

const WIDTH = 80;

/** Help of one command, or of the program. */
export function renderHelp(command: Command | undefined): string {
  const shown = command ?? 'serve';
  const lines = [
    'pausewatch watches the pause process under every pod of this node.',
    '',
    `Usage: pausewatch ${command === undefined ? '[command]' : command + WORDS[command]} [flags]`,
    '',
  ];
  for (const note of command === undefined ? [] : (NOTES[command] ?? [])) lines.push(...wrap(note, '', 0), '');
  if (command === undefined) {
    lines.push('Commands:', ...COMMANDS.flatMap((name) => wrap(SUMMARIES[name], `  ${name.padEnd(8)}`, 10)), '');
  }
  lines.push(`Flags${command === undefined ? ' of serve (for the others: pausewatch <command> --help)' : ''}:`);
  lines.push(...flagLines(shown), '', ...wrap(EXITS[shown], '', 0));
  return `${lines.join('\n')}\n`;
}

function flagLines(command: Command): string[] {
  const belongs = ({ commands }: { readonly commands: readonly Command[] }) => commands.includes(command);
  return [
    ...Object.values<Option<unknown>>(OPTIONS).filter(belongs).flatMap(flagHelp),
    ...Object.values<Switch>(SWITCHES).filter(belongs).flatMap(switchHelp),
  ];
}

/** Lines about one option; its variables are told where it belongs to a command of the agent. */
export function flagHelp(it: Option<unknown>): string[] {
  const fallback = it.fallback ?? it.fallbackNote;
  const names = it.commands.length === 0 ? [] : [environmentName(it.flag), ...(it.env ?? [])];
  const notes = [
    it.help,
    ...(fallback === undefined ? [] : [`Default: ${fallback}.`]),
    ...(names.length === 0 ? [] : [`Environment: ${names.join(', ')}.`]),
  ];
  return [`  ${shortForm(it)}--${it.flag} ${it.value}`, ...wrap(notes.join(' '), '     ', 6)];
}

/** Lines about one switch. */
export function switchHelp(it: Switch): string[] {
  const note = it.question === true || it.commands.length === 0 ? '' : ` Environment: ${environmentName(it.flag)}.`;
  return [`  ${shortForm(it)}--${it.flag}`, ...wrap(it.help + note, '     ', 6)];
}

/** A paragraph of a help text. */
export function wrapHelp(paragraph: string): string[] {
  return wrap(paragraph, '', 0);
}

function shortForm({ short }: { readonly short?: string }): string {
  return short === undefined ? '' : `-${short}, `;
}

/** Breaks a sentence into lines of at most 80 columns: after `head` on the first, indented on the others. */
function wrap(sentence: string, head: string, indent: number): string[] {
  const lines: string[] = [];
  let line = head;
  for (const word of sentence.split(' ')) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = ' '.repeat(Math.max(0, indent - 1));
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}
