/** The one table of options: flag, environment variable, default, help. Parsing and help are made from it. */
import { policyFile } from './policy-file.ts';
import {
  duration,
  endpoint,
  listenAddress,
  oneOf,
  path,
  positiveInteger,
  type Reader,
  telemetryPath,
  text,
  url,
} from './readers.ts';

/** Commands of the program. */
export const COMMANDS = ['serve', 'scan', 'inspect', 'record', 'replay'] as const;
export type Command = (typeof COMMANDS)[number];

/** Commands that look at a node; `replay` lets one of the first three look at a recording instead. */
export type RunCommand = Exclude<Command, 'replay'>;

/** What can be done with a recording; the first one is done when nothing else is asked for. */
export const REPLAYABLE = ['scan', 'serve', 'inspect'] as const satisfies readonly RunCommand[];

/** One option. `T` is what its text is read as. */
export interface Option<T> {
  /** Without dashes: "audit.interval". */
  readonly flag: string;
  /** One letter, without dash. */
  readonly short?: string;
  /** Environment variables besides PAUSEWATCH_…, tried after it. */
  readonly env?: readonly string[];
  /** Every mention counts, each value once; otherwise the last one wins. */
  readonly repeatable?: true;
  /** Shown in help: "<duration>". */
  readonly value: string;
  /** As it would be typed; undefined when there is none. */
  readonly fallback?: string;
  /** What help says in place of the default. */
  readonly fallbackNote?: string;
  readonly help: string;
  readonly commands: readonly Command[];
  readonly read: Reader<T>;
}

/** A switch: on when given, or when its variable is "true" or "1". */
export interface Switch {
  readonly flag: string;
  readonly short?: string;
  readonly help: string;
  readonly commands: readonly Command[];
  /** Has no variable: a question about the program, not a setting. */
  readonly question?: true;
}

/** What looks at a node. */
const LOOKING = ['serve', 'scan', 'inspect', 'record'] as const;
/** What shows verdicts, be they of a node or of a recording. */
const SHOWING = ['serve', 'scan', 'replay'] as const;
const SERVING = ['serve', 'replay'] as const;
const PRINTING = ['scan', 'replay'] as const;
const REPEATING = ['serve', 'scan'] as const;
const SCAN = ['scan'] as const;
/** What may ask an agent in place of the node. */
const ASKING = ['scan', 'inspect'] as const;
const RECORD = ['record'] as const;

/** An option that always has a value. */
export type Defaulted<T> = Option<T> & { readonly fallback: string };

/** An option that may be given several times. */
export type Repeatable<T> = Option<T> & { readonly repeatable: true };

function option<T>(it: Defaulted<T>): Defaulted<T>;
function option<T>(it: Repeatable<T>): Repeatable<T>;
function option<T>(it: Option<T>): Option<T>;
function option<T>(it: Option<T>): Option<T> {
  return it;
}

/** Every option that takes a value. */
export const OPTIONS = {
  runtimeEndpoints: option({
    flag: 'runtime-endpoint',
    env: ['CONTAINER_RUNTIME_ENDPOINT'],
    repeatable: true,
    value: '<unix:///path>',
    fallbackNote: 'the first well-known socket that answers',
    help: 'Socket of a container runtime that speaks CRI v1. May be repeated.',
    commands: LOOKING,
    read: endpoint,
  }),
  nodeName: option({
    flag: 'node-name',
    env: ['NODE_NAME'],
    value: '<name>',
    fallbackNote: 'the name of the host',
    help: 'Name of this node in every output.',
    commands: LOOKING,
    read: text,
  }),
  procfs: option({
    flag: 'path.procfs',
    value: '<directory>',
    fallback: '/proc',
    help: "Where the node's procfs is mounted.",
    commands: LOOKING,
    read: path,
  }),
  cgroupfs: option({
    flag: 'path.cgroupfs',
    value: '<directory>',
    fallback: '/sys/fs/cgroup',
    help: "Where the node's cgroups are mounted (v1, v2 or both).",
    commands: LOOKING,
    read: path,
  }),
  run: option({
    flag: 'path.run',
    value: '<directory>',
    fallback: '/run',
    help: 'Prefix of every well-known runtime socket.',
    commands: LOOKING,
    read: path,
  }),
  pidMax: option({
    flag: 'node.pid-max',
    value: '<number>',
    fallbackNote: "read from procfs where it is the node's own",
    help: "The node's kernel.pid_max, where the agent cannot see it (a container with a PID namespace of its own).",
    commands: LOOKING,
    read: positiveInteger,
  }),
  policy: option({
    flag: 'policy.file',
    value: '<file>',
    fallbackNote: 'built in',
    help: 'YAML file of thresholds, times, images, findings that are off and namespaces left out.',
    commands: ['serve', 'scan', 'inspect', 'replay'],
    read: policyFile,
  }),
  settleMs: option({
    flag: 'settle',
    value: '<duration>',
    fallback: '2s',
    help: 'Time between the first two looks: what is dead in both is a zombie. At least 100ms.',
    commands: LOOKING,
    read: duration(100, 60_000),
  }),
  intervalMs: option({
    flag: 'audit.interval',
    value: '<duration>',
    fallback: '15s',
    help: 'Time between audits; of scan, with --watch only. At least 1s.',
    commands: REPEATING,
    read: duration(1000, 3_600_000),
  }),
  listenAddress: option({
    flag: 'web.listen-address',
    value: '<address>',
    fallback: ':10961',
    help: 'Address and port to serve HTTP on: ":10961", "127.0.0.1:10961", "[::1]:10961".',
    commands: SERVING,
    read: listenAddress,
  }),
  telemetryPath: option({
    flag: 'web.telemetry-path',
    value: '<path>',
    fallback: '/metrics',
    help: 'Path of the metrics; none of those of the pages and documents.',
    commands: SERVING,
    read: telemetryPath,
  }),
  details: option({
    flag: 'web.details',
    value: '<auto|all|loopback|off>',
    fallback: 'auto',
    help: 'Who may read /, /pods, /sandboxes and /findings. auto: everyone when listening on loopback only, else loopback peers.',
    commands: SERVING,
    read: oneOf(['auto', 'all', 'loopback', 'off']),
  }),
  runbookUrl: option({
    flag: 'web.runbook-url',
    value: '<url>',
    fallbackNote: "the agent's own /runbooks/",
    help: 'Prefix of the runbook links; the id of the finding is appended.',
    commands: ['serve', 'scan', 'inspect', 'replay'],
    read: url,
  }),
  externalUrl: option({
    flag: 'web.external-url',
    value: '<url>',
    help: 'URL under which people reach this agent, when it is not its own address.',
    commands: SERVING,
    read: url,
  }),
  maxSeries: option({
    flag: 'metrics.max-series',
    value: '<number>',
    fallback: '20000',
    help: 'Hard cap on the series of pods (250 healthy pods need 1500); those with findings are kept first.',
    commands: SHOWING,
    read: positiveInteger,
  }),
  logLevel: option({
    flag: 'log.level',
    value: '<debug|info|warn|error>',
    fallback: 'info',
    help: 'Least severe messages to log (to stderr).',
    commands: SHOWING,
    read: oneOf(['debug', 'info', 'warn', 'error']),
  }),
  logFormat: option({
    flag: 'log.format',
    value: '<json|logfmt>',
    fallback: 'logfmt',
    help: 'Form of log lines.',
    commands: SHOWING,
    read: oneOf(['json', 'logfmt']),
  }),
  output: option({
    flag: 'output',
    short: 'o',
    value: '<table|json|prometheus|line|junit>',
    fallback: 'table',
    help: 'What to print: a table for people, the /sandboxes document, the metrics, one line, or JUnit XML. Of inspect: table or json.',
    commands: ['scan', 'inspect', 'replay'],
    read: oneOf(['table', 'json', 'prometheus', 'line', 'junit']),
  }),
  namespaces: option({
    flag: 'namespace',
    short: 'n',
    repeatable: true,
    value: '<namespace>',
    fallbackNote: 'all',
    help: 'Show and count only pods of this namespace. May be repeated.',
    commands: PRINTING,
    read: text,
  }),
  severity: option({
    flag: 'severity',
    value: '<critical|warning|info>',
    fallback: 'info',
    help: 'Show and count only findings of this severity or worse.',
    commands: PRINTING,
    read: oneOf(['critical', 'warning', 'info']),
  }),
  outputFile: option({
    flag: 'output-file',
    short: 'o',
    value: '<file>',
    fallbackNote: 'standard output',
    help: 'Where to write the recording: a new file, readable by its owner only. Nothing is overwritten.',
    commands: RECORD,
    read: text,
  }),
  failOn: option({
    flag: 'fail-on',
    value: '<critical|warning|info|never>',
    fallback: 'critical',
    help: 'Exit with 1 when there is a finding of this severity or worse. A scan watches for seconds: to it zombies are info, however many, unless a PID limit is nearly reached; their age and growth are known to a running agent.',
    commands: PRINTING,
    read: oneOf(['critical', 'warning', 'info', 'never']),
  }),
  agent: option({
    flag: 'agent',
    value: '<url>',
    help: 'Ask a running agent ("http://127.0.0.1:10961") instead of looking at this node.',
    commands: ASKING,
    read: url,
  }),
} as const;

/** Every switch. */
export const SWITCHES = {
  all: { flag: 'all', help: 'Show every sandbox, not only those with findings.', commands: PRINTING },
  redact: { flag: 'redact', help: 'Hash names and leave out what could be a secret.', commands: RECORD },
  strict: { flag: 'strict', help: 'Exit with 2 when not everything could be judged.', commands: PRINTING },
  watch: {
    flag: 'watch',
    help: 'Go on every --audit.interval until Ctrl-C, in place on a terminal.',
    commands: SCAN,
  },
  noColor: {
    flag: 'no-color',
    help: 'No colours, also on a terminal; as NO_COLOR.',
    commands: ['scan', 'inspect', 'replay'],
  },
  ascii: {
    flag: 'ascii',
    help: 'Draw with plain ASCII, as where the locale has no UTF-8.',
    commands: ['scan', 'inspect', 'replay'],
  },
  help: { flag: 'help', short: 'h', help: 'Print this help.', commands: COMMANDS, question: true },
  version: { flag: 'version', help: 'Print the version.', commands: COMMANDS, question: true },
} as const satisfies Record<string, Switch>;

/** Environment variable of a flag: PAUSEWATCH_AUDIT_INTERVAL. */
export function environmentName(flag: string): string {
  return `PAUSEWATCH_${flag.toUpperCase().replaceAll(/[.-]/g, '_')}`;
}
