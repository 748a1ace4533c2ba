/** The one table of options: flag, environment variable, default, help. Parsing and help are made from it. */
import { policyFile } from './policy-file.ts';
import { duration, endpoint, listenAddress, oneOf, path, positiveInteger, type Reader, text, url } from './readers.ts';

/** Commands of the program. */
export const COMMANDS = ['serve', 'scan'] as const;
export type Command = (typeof COMMANDS)[number];

/** One option. `T` is what its text is read as. */
export interface Option<T> {
  /** Without dashes: "audit.interval". */
  readonly flag: string;
  /** One letter, without dash. */
  readonly short?: string;
  /** Environment variables besides PAUSEWATCH_…, tried after it. */
  readonly env?: readonly string[];
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

/** A switch: on when given. */
export interface Switch {
  readonly flag: string;
  readonly short?: string;
  readonly help: string;
  readonly commands: readonly Command[];
}

const BOTH = COMMANDS;
const SERVE = ['serve'] as const;
const SCAN = ['scan'] as const;

/** An option that always has a value. */
export type Defaulted<T> = Option<T> & { readonly fallback: string };

function option<T>(it: Defaulted<T>): Defaulted<T>;
function option<T>(it: Option<T>): Option<T>;
function option<T>(it: Option<T>): Option<T> {
  return it;
}

/** Every option that takes a value. */
export const OPTIONS = {
  runtimeEndpoints: option({
    flag: 'runtime-endpoint',
    env: ['CONTAINER_RUNTIME_ENDPOINT'],
    value: '<unix:///path>',
    fallbackNote: 'the first well-known socket that answers',
    help: 'Socket of a container runtime that speaks CRI v1. May be repeated.',
    commands: BOTH,
    read: endpoint,
  }),
  nodeName: option({
    flag: 'node-name',
    env: ['NODE_NAME'],
    value: '<name>',
    fallbackNote: 'the name of the host',
    help: 'Name of this node in every output.',
    commands: BOTH,
    read: text,
  }),
  procfs: option({
    flag: 'path.procfs',
    value: '<directory>',
    fallback: '/proc',
    help: "Where the node's procfs is mounted.",
    commands: BOTH,
    read: path,
  }),
  cgroupfs: option({
    flag: 'path.cgroupfs',
    value: '<directory>',
    fallback: '/sys/fs/cgroup',
    help: "Where the node's cgroups are mounted (v1, v2 or both).",
    commands: BOTH,
    read: path,
  }),
  run: option({
    flag: 'path.run',
    value: '<directory>',
    fallback: '/run',
    help: 'Prefix of every well-known runtime socket.',
    commands: BOTH,
    read: path,
  }),
  pidMax: option({
    flag: 'node.pid-max',
    value: '<number>',
    fallbackNote: "read from procfs where it is the node's own",
    help: "The node's kernel.pid_max, where the agent cannot see it (a container with a PID namespace of its own).",
    commands: BOTH,
    read: positiveInteger,
  }),
  policy: option({
    flag: 'policy.file',
    value: '<file>',
    fallbackNote: 'built in',
    help: 'YAML file of thresholds, times, images, findings that are off and namespaces left out.',
    commands: BOTH,
    read: policyFile,
  }),
  settleMs: option({
    flag: 'settle',
    value: '<duration>',
    fallback: '2s',
    help: 'Time between the first two looks: what is dead in both is a zombie. At least 100ms.',
    commands: BOTH,
    read: duration(100, 60_000),
  }),
  intervalMs: option({
    flag: 'audit.interval',
    value: '<duration>',
    fallback: '15s',
    help: 'Time between audits. At least 1s.',
    commands: SERVE,
    read: duration(1000, 3_600_000),
  }),
  listenAddress: option({
    flag: 'web.listen-address',
    value: '<address>',
    fallback: ':10961',
    help: 'Address and port to serve HTTP on: ":10961", "127.0.0.1:10961", "[::1]:10961".',
    commands: SERVE,
    read: listenAddress,
  }),
  telemetryPath: option({
    flag: 'web.telemetry-path',
    value: '<path>',
    fallback: '/metrics',
    help: 'Path of the metrics.',
    commands: SERVE,
    read: path,
  }),
  details: option({
    flag: 'web.details',
    value: '<auto|all|loopback|off>',
    fallback: 'auto',
    help: 'Who may read /, /sandboxes and /findings. auto: everyone when listening on loopback only, else loopback peers.',
    commands: SERVE,
    read: oneOf(['auto', 'all', 'loopback', 'off']),
  }),
  runbookUrl: option({
    flag: 'web.runbook-url',
    value: '<url>',
    fallbackNote: "the agent's own /runbooks/",
    help: 'Prefix of the runbook links; the id of the finding is appended.',
    commands: BOTH,
    read: url,
  }),
  externalUrl: option({
    flag: 'web.external-url',
    value: '<url>',
    help: 'URL under which people reach this agent, when it is not its own address.',
    commands: SERVE,
    read: url,
  }),
  maxSeries: option({
    flag: 'metrics.max-series',
    value: '<number>',
    fallback: '20000',
    help: 'Hard cap on the series of pods (250 healthy pods need 1500); those with findings are kept first.',
    commands: BOTH,
    read: positiveInteger,
  }),
  logLevel: option({
    flag: 'log.level',
    value: '<debug|info|warn|error>',
    fallback: 'info',
    help: 'Least severe messages to log (to stderr).',
    commands: BOTH,
    read: oneOf(['debug', 'info', 'warn', 'error']),
  }),
  logFormat: option({
    flag: 'log.format',
    value: '<json|logfmt>',
    fallback: 'logfmt',
    help: 'Form of log lines.',
    commands: BOTH,
    read: oneOf(['json', 'logfmt']),
  }),
  output: option({
    flag: 'output',
    short: 'o',
    value: '<table|json|prometheus|line>',
    fallback: 'table',
    help: 'What to print: a table for people, the /sandboxes document, the metrics, or one line.',
    commands: SCAN,
    read: oneOf(['table', 'json', 'prometheus', 'line']),
  }),
  failOn: option({
    flag: 'fail-on',
    value: '<critical|warning|info|never>',
    fallback: 'critical',
    help: 'Exit with 1 when there is a finding of this severity or worse. A scan watches for seconds: to it zombies are info, however many, unless a PID limit is nearly reached; their age and growth are known to a running agent.',
    commands: SCAN,
    read: oneOf(['critical', 'warning', 'info', 'never']),
  }),
  agent: option({
    flag: 'agent',
    value: '<url>',
    help: 'Ask a running agent ("http://127.0.0.1:10961") instead of looking at this node.',
    commands: SCAN,
    read: url,
  }),
} as const;

/** Every switch. */
export const SWITCHES = {
  all: { flag: 'all', help: 'Show every sandbox, not only those with findings.', commands: SCAN },
  strict: { flag: 'strict', help: 'Exit with 2 when not everything could be judged.', commands: SCAN },
  help: { flag: 'help', short: 'h', help: 'Print this help.', commands: BOTH },
  version: { flag: 'version', help: 'Print the version.', commands: BOTH },
} as const satisfies Record<string, Switch>;

/** Environment variable of a flag: PAUSEWATCH_AUDIT_INTERVAL. */
export function environmentName(flag: string): string {
  return `PAUSEWATCH_${flag.toUpperCase().replaceAll(/[.-]/g, '_')}`;
}
