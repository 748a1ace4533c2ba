/** The command line and the environment: what wins, what is refused, and that all mistakes are told at once. */
import { describe, expect, test } from 'vitest';
import { COMMANDS, OPTIONS, SWITCHES } from '../../src/config/options.ts';
import { type Config, type Environment, parseRequest } from '../../src/config/parse.ts';

/** The configuration of a command line that has no mistakes. */
function configOf(argv: readonly string[], environment: Environment = {}): Config {
  const request = parseRequest(argv, environment);
  if (request.kind !== 'run') throw new Error(`no run: ${JSON.stringify(request)}`);
  return request.config;
}

/** The mistakes of a command line. */
function mistakesOf(argv: readonly string[], environment: Environment = {}): readonly string[] {
  const request = parseRequest(argv, environment);
  return request.kind === 'mistakes' ? request.mistakes : [];
}

describe('a command line', () => {
  test('without anything serves with the defaults of the contract', () => {
    expect(configOf([])).toMatchObject({
      command: 'serve',
      runtimeEndpoints: [],
      nodeName: undefined,
      procfs: '/proc',
      cgroupfs: '/sys/fs/cgroup',
      run: '/run',
      pidMax: undefined,
      settleMs: 2000,
      intervalMs: 15_000,
      listenAddress: { host: undefined, port: 10_961 },
      telemetryPath: '/metrics',
      details: 'auto',
      runbookUrl: undefined,
      logLevel: 'info',
    });
    expect(configOf(['scan'])).toMatchObject({
      command: 'scan',
      output: 'table',
      failOn: 'critical',
      all: false,
      strict: false,
    });
  });

  test('takes values after a space, after "=", and for the short form', () => {
    for (const argv of [['-o', 'json'], ['-ojson'], ['--output=json'], ['--output', 'json']]) {
      expect(configOf(['scan', ...argv]).output).toBe('json');
    }
  });

  test('takes flags before and after the command', () => {
    expect(configOf(['--node-name', 'a', 'scan', '--all'])).toMatchObject({
      command: 'scan',
      nodeName: 'a',
      all: true,
    });
  });

  test('may name several endpoints, each once, with or without unix://', () => {
    const argv = ['a', 'unix:///run/b.sock', '/run/b.sock', 'unix:/run/c.sock'].flatMap((it) => [
      '--runtime-endpoint',
      it,
    ]);
    expect(mistakesOf(argv)).toHaveLength(1);
    expect(configOf(argv.slice(2)).runtimeEndpoints).toEqual(['unix:///run/b.sock', 'unix:///run/c.sock']);
  });

  test('of any other option takes the last value', () => {
    expect(configOf(['--node-name=a', '--node-name=b']).nodeName).toBe('b');
  });

  test.each([
    [['--help'], { kind: 'help', command: undefined }],
    [['-h'], { kind: 'help', command: undefined }],
    [['help'], { kind: 'help', command: undefined }],
    [['scan', '--help'], { kind: 'help', command: 'scan' }],
    [['help', 'scan'], { kind: 'help', command: 'scan' }],
    [['--help', '--nonsense'], { kind: 'help', command: undefined }],
    [['--version'], { kind: 'version' }],
    [['serve', '--version', '--settle=x'], { kind: 'version' }],
  ])('%j asks for %j, whatever else is wrong', (argv, request) => {
    expect(parseRequest(argv, {})).toEqual(request);
  });
});

describe('what wins', () => {
  const both = { PAUSEWATCH_NODE_NAME: 'ours', NODE_NAME: 'theirs' };

  test('is the flag, then PAUSEWATCH_…, then the other variables, then the default', () => {
    expect(configOf(['--node-name=flag'], both).nodeName).toBe('flag');
    expect(configOf([], both).nodeName).toBe('ours');
    expect(configOf([], { NODE_NAME: 'theirs' }).nodeName).toBe('theirs');
    expect(configOf([], {}).nodeName).toBeUndefined();
  });

  test('is never an empty variable', () => {
    expect(configOf([], { ...both, PAUSEWATCH_NODE_NAME: '' }).nodeName).toBe('theirs');
    expect(configOf([], { PAUSEWATCH_SETTLE: '' }).settleMs).toBe(2000);
  });

  test('of the endpoint is a flag over CONTAINER_RUNTIME_ENDPOINT', () => {
    const environment = { CONTAINER_RUNTIME_ENDPOINT: '/run/crio/crio.sock' };
    expect(configOf([], environment).runtimeEndpoints).toEqual(['unix:///run/crio/crio.sock']);
    expect(configOf(['--runtime-endpoint=/a'], environment).runtimeEndpoints).toEqual(['unix:///a']);
  });

  test('every option can be given as PAUSEWATCH_…', () => {
    const variables: Environment = {
      PAUSEWATCH_RUNTIME_ENDPOINT: '/x',
      PAUSEWATCH_PATH_PROCFS: '/host/proc',
      PAUSEWATCH_PATH_CGROUPFS: '/host/cgroup',
      PAUSEWATCH_PATH_RUN: '/host/run',
      PAUSEWATCH_NODE_PID_MAX: '4194304',
      PAUSEWATCH_SETTLE: '500ms',
      PAUSEWATCH_AUDIT_INTERVAL: '1.5m',
      PAUSEWATCH_WEB_LISTEN_ADDRESS: '[::1]:0',
      PAUSEWATCH_WEB_DETAILS: 'off',
      PAUSEWATCH_METRICS_MAX_SERIES: '10',
      PAUSEWATCH_LOG_LEVEL: 'debug',
      PAUSEWATCH_LOG_FORMAT: 'json',
      PAUSEWATCH_WEB_RUNBOOK_URL: 'https://wiki.example/runbooks/',
    };
    expect(configOf([], variables)).toMatchObject({
      runtimeEndpoints: ['unix:///x'],
      procfs: '/host/proc',
      cgroupfs: '/host/cgroup',
      run: '/host/run',
      pidMax: 4_194_304,
      settleMs: 500,
      intervalMs: 90_000,
      listenAddress: { host: '::1', port: 0 },
      details: 'off',
      maxSeries: 10,
      logLevel: 'debug',
      logFormat: 'json',
      runbookUrl: 'https://wiki.example/runbooks',
    });
  });

  test('every switch can be given as PAUSEWATCH_…, true or false; questions about the program cannot', () => {
    const variables = {
      PAUSEWATCH_ALL: 'true',
      PAUSEWATCH_STRICT: '1',
      PAUSEWATCH_WATCH: 'false',
      PAUSEWATCH_NO_COLOR: '',
      PAUSEWATCH_HELP: 'true',
      PAUSEWATCH_VERSION: '1',
    };
    expect(configOf(['scan'], variables)).toMatchObject({ all: true, strict: true, watch: false, noColor: false });
    expect(configOf(['scan', '--watch'], variables).watch).toBe(true);
    expect(mistakesOf(['scan'], { PAUSEWATCH_ALL: 'yes' })).toEqual([
      'PAUSEWATCH_ALL must be true or false, not "yes"',
    ]);
  });

  test('of a filter is each mention of a namespace, and the last severity', () => {
    const argv = ['scan', '-n', 'shop', '--namespace=infra', '-nshop', '--severity=info', '--severity=warning'];
    expect(configOf(argv)).toMatchObject({ namespaces: ['shop', 'infra'], severity: 'warning' });
  });

  test('of another command does not matter: its variables are not read', () => {
    expect(configOf(['scan'], { PAUSEWATCH_WEB_DETAILS: 'nonsense', PAUSEWATCH_STRICT: '0' }).command).toBe('scan');
    expect(mistakesOf(['serve'], { PAUSEWATCH_WEB_DETAILS: 'nonsense', PAUSEWATCH_STRICT: 'x' })).toHaveLength(1);
  });
});

describe('mistakes', () => {
  test('are told all at once, each with the flag or the variable it is in', () => {
    const argv = ['serve', '--settle=2', '--nope', '--web.listen-address', '10961', '--log.level=loud'];
    const mistakes = mistakesOf(argv, { PAUSEWATCH_AUDIT_INTERVAL: '1d', CONTAINER_RUNTIME_ENDPOINT: 'tcp://x:1' });
    expect(mistakes).toHaveLength(6);
    const text = mistakes.join('\n');
    for (const name of [
      '--settle ',
      '--nope',
      '--web.listen-address ',
      '--log.level ',
      'PAUSEWATCH_AUDIT_INTERVAL ',
      'CONTAINER_RUNTIME_ENDPOINT ',
    ]) {
      expect(text).toContain(name);
    }
  });

  test.each([
    [['sacn'], 'unknown command "sacn"; there are serve, scan, inspect, record, replay'],
    [['scan', 'web'], 'too many words: web'],
    [['--nope'], 'unknown flag --nope'],
    [['-x'], 'unknown flag -x'],
    [['--no-strict'], 'unknown flag --no-strict'],
    [['--__proto__'], 'unknown flag --__proto__'],
    [['serve', '-o', 'json'], '--output does not belong to serve'],
    [['serve', '--strict'], '--strict does not belong to serve'],
    [['scan', '--audit.interval=15s'], '--audit.interval does not belong to scan without --watch'],
    [['scan', '--watch', '--output=prometheus'], '--watch does not go with --output prometheus'],
    [['scan', '--watch', '--output=junit'], '--watch does not go with --output junit'],
    [['scan', '--namespace=a', '--output=prometheus'], '--namespace does not go with --output prometheus'],
    [['scan', '--severity=critical', '-oprometheus'], '--severity does not go with --output prometheus'],
    [['scan', '--severity=never'], '--severity must be one of critical, warning, info, not "never"'],
    [['scan', '--strict=yes'], '--strict takes no value'],
    [['--node-name'], '--node-name needs a value'],
    [['scan', '-o'], '-o needs a value'],
    [['--node-name', '--log.level=info'], '--node-name needs a value'],
    [['--node-name='], '--node-name must not be empty'],
    [['--path.procfs=proc'], '--path.procfs must be an absolute path, not "proc"'],
    [['--node.pid-max=0'], '--node.pid-max must be a whole number of at least 1, not "0"'],
    [['--node.pid-max=1e6'], '--node.pid-max must be a whole number of at least 1, not "1e6"'],
    [['--web.external-url=node7:10961'], '--web.external-url must be an http or https URL, not "node7:10961"'],
    [['scan', '--fail-on=error'], '--fail-on must be one of critical, warning, info, never, not "error"'],
    [['--settle=15s'], '--settle (15000 ms) must be shorter than --audit.interval (15000 ms)'],
    [['--settle=99ms'], '--settle must be between 100ms and 60s, not "99ms"'],
    [['--audit.interval=2h'], '--audit.interval must be between 1000ms and 3600s, not "2h"'],
  ])('in %j are answered with: %s', (argv, mistake) => {
    expect(mistakesOf(argv)).toEqual([mistake]);
  });
});

describe('a duration', () => {
  test.each([
    ['100ms', 100],
    ['1s', 1000],
    ['1.5s', 1500],
    ['0.5m', 30_000],
  ])('of %s is %d ms', (text, ms) => {
    expect(configOf(['scan', `--settle=${text}`]).settleMs).toBe(ms);
  });

  test.each(['2', '', 's', '2 s', '-2s', '2sec', '1m30s', '1e3ms', '٢s'])('is refused as "%s"', (text) => {
    expect(mistakesOf(['scan', `--settle=${text}`])).toHaveLength(1);
  });
});

describe('an address to listen on', () => {
  test.each([
    [':10961', undefined, 10_961],
    ['127.0.0.1:0', '127.0.0.1', 0],
    ['[::1]:10961', '::1', 10_961],
    ['[fe80::1]:65535', 'fe80::1', 65_535],
    ['0.0.0.0:10961', '0.0.0.0', 10_961],
    ['localhost:80', 'localhost', 80],
  ])('may be %s', (text, host, port) => {
    expect(configOf([`--web.listen-address=${text}`]).listenAddress).toEqual({ host, port });
  });

  const refused = [
    '10961',
    '',
    'localhost',
    ':65536',
    ':-1',
    '::1:10961',
    '[::1]',
    '[localhost]:1',
    '[1]:1',
    '[::1::2]:1',
  ];
  test.each([...refused, 'http://localhost:1', ':http', '1:2:3', ':', 'a b:1', '[]:1', ':1 '])(
    'is refused as "%s"',
    (text) => {
      const [mistake] = mistakesOf([`--web.listen-address=${text}`]);
      expect(mistake).toBe(`--web.listen-address must be "host:port" or ":port", not "${text}"`);
    },
  );
});

describe('the option table', () => {
  test('has no two options with one flag, none of one command with one letter, and every default is itself valid', () => {
    const all = [...Object.values(OPTIONS), ...Object.values(SWITCHES)];
    expect(new Set(all.map(({ flag }) => flag)).size).toBe(all.length);
    for (const command of COMMANDS) {
      const own = all.filter(({ commands }) => commands.some((name) => name === command));
      const letters = own.flatMap((it) => ('short' in it && it.short !== undefined ? [it.short] : []));
      expect(new Set(letters).size).toBe(letters.length);
    }
    for (const option of Object.values(OPTIONS)) {
      if ('fallback' in option && option.fallback !== undefined)
        expect(option.read(option.fallback)).toHaveProperty('value');
    }
  });
});

describe('record and replay', () => {
  test('record takes a file with -o, which means another flag for scan', () => {
    expect(configOf(['record', '-o', '/tmp/x.json', '--redact'])).toMatchObject({
      command: 'record',
      outputFile: '/tmp/x.json',
      redact: true,
      output: 'table',
    });
    expect(configOf(['record'])).toMatchObject({ outputFile: undefined, redact: false });
    expect(configOf(['record'], { PAUSEWATCH_OUTPUT: 'json' }).outputFile).toBeUndefined();
    expect(configOf(['scan', '-o', 'json'], { PAUSEWATCH_OUTPUT_FILE: '/tmp/x' })).toMatchObject({
      output: 'json',
      outputFile: undefined,
    });
  });

  test('replay scans the file unless it is told to serve it', () => {
    expect(configOf(['replay', 'node.json', '-o', 'json', '--strict'])).toMatchObject({
      command: 'scan',
      recording: 'node.json',
      output: 'json',
      strict: true,
    });
    expect(configOf(['replay', 'node.json', 'scan']).command).toBe('scan');
    const serve = configOf(['replay', '--web.listen-address=:1', 'node.json', 'serve'], { NODE_NAME: 'here' });
    expect(serve).toMatchObject({ command: 'serve', recording: 'node.json', nodeName: undefined });
    expect(configOf(['scan']).recording).toBeUndefined();
  });

  test.each([
    [['replay'], 'replay needs the file of a recording: pausewatch replay <file>'],
    [['replay', 'a', 'record'], '"record" cannot be done with a recording; there are scan, serve, inspect'],
    [['replay', 'a', 'scan', 'b'], 'too many words: b'],
    [['replay', 'a', '--runtime-endpoint=/x'], '--runtime-endpoint does not belong to replay <file> scan'],
    [['replay', 'a', '--settle=3s'], '--settle does not belong to replay <file> scan'],
    [['replay', 'a', '--agent=http://x'], '--agent does not belong to replay <file> scan'],
    [['replay', 'a', '--web.details=all'], '--web.details does not belong to replay <file> scan'],
    [['replay', 'a', 'serve', '--output=json'], '--output does not belong to replay <file> serve'],
    [['replay', 'a', 'serve', '--all'], '--all does not belong to replay <file> serve'],
    [['record', 'a'], 'too many words: a'],
    [['record', '--output=json'], '--output does not belong to record'],
    [['scan', '--redact'], '--redact does not belong to scan'],
    [['serve', '-o', 'json'], '--output does not belong to serve'],
  ])('%j is refused', (argv, mistake) => {
    expect(mistakesOf(argv)).toEqual([mistake]);
  });
});
