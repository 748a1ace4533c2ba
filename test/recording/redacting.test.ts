/** What a redacted recording holds: the same hash for the same name, nothing that could be a secret, no way back. */
import { describe, expect, test } from 'vitest';
import type { NodeSnapshot } from '../../src/core/model.ts';
import { readRecording, redactLooks, writeRecording } from '../../src/recording/recording.ts';
import { idOf } from '../core/snapshot-builder.ts';
import { FULL_LOOK, leavesOf, withLeaf } from './full-look.ts';

const SALT = Buffer.alloc(32, 7);

/** The text of a recording of these looks. */
const textOf = (looks: readonly NodeSnapshot[]): string =>
  writeRecording({ schemaVersion: 2, toolVersion: '0.1.0', redacted: true, settleMs: 2000, looks });

function redact(look: NodeSnapshot, salt: Uint8Array = SALT): NodeSnapshot {
  const [redacted] = redactLooks([look], salt);
  if (redacted === undefined) throw new Error('a look');
  return redacted;
}

function isReadable(look: NodeSnapshot): boolean {
  try {
    return readRecording(textOf([look])).looks.length === 1;
  } catch {
    return false;
  }
}

/** Secrets and names that somebody may want to keep to themselves, in the forms in which they come. */
const PLANTED = [
  'hunter2',
  'swordfish',
  'AKIAIOSFODNN7EXAMPLE',
  'user:pa55word@db.acme.example',
  'till-prod-payments-7f9c',
  'DB_PASSWORD=hunter2',
  '/srv/acme/secrets/token',
  'unix:///srv/acme.sock',
  'a\u0000\u001b[2J"} 1\nx\u202e',
  '12345678',
  'deadbeefcafe',
  '名前',
];

/** Texts that stay as they are: verdicts are about them. */
const KEPT = new Set([
  'runtimes.0.configuredPauseImage',
  'runtimes.0.sandboxes.0.imageRef',
  'runtimes.0.sandboxes.1.imageRef',
  'runtimes.0.sandboxes.2.imageRef',
  'runtimes.0.images.0.id',
]);
/** Texts of which a short form stays: numbers of a version, digits of a hash. */
const KEPT_FORMS: Readonly<Record<string, RegExp>> = {
  'runtimes.0.version': /^\d+$/,
  exeSha256: /^[0-9a-f]*$/,
  signalsCaught: /^[0-9a-f]*$/,
  signalsIgnored: /^[0-9a-f]*$/,
};

const leaves = [...leavesOf(FULL_LOOK)].filter(({ value }) => typeof value === 'string');

describe('redaction', () => {
  test.each(PLANTED)('lets no planted %j through, in whatever text of a snapshot it stands', (secret) => {
    const planted = leaves.filter(({ path }) => isReadable(withLeaf(FULL_LOOK, path, secret)));
    expect(planted.length).toBeGreaterThan(40);
    const shown = JSON.stringify(secret).slice(1, -1);
    for (const { path } of planted) {
      const written = textOf([redact(withLeaf(FULL_LOOK, path, secret))]);
      const form = KEPT_FORMS[path.join('.')] ?? KEPT_FORMS[path.at(-1) ?? ''];
      const stays = KEPT.has(path.join('.')) || form?.test(secret) === true;
      expect({ path, stays: written.includes(shown) }).toEqual({ path, stays });
    }
  });

  test('lets no part of it through either: neither a word in a message nor a segment of a path', () => {
    const hostile = 'crash of till-prod: PASSWORD hunter2 at /srv/acme/key (postgres://u:pw@db/x) 4111-1111';
    for (const field of ['message', 'subject']) {
      const { faults } = redact(withLeaf(FULL_LOOK, ['faults', 0, field], hostile));
      expect(faults[0]).toMatchObject({
        [field]: expect.not.stringMatching(/till|prod|PASS|hunter|srv|acme|key|postgres|pw|db|4111/),
      });
    }
    const paths = [
      ['runtimes', 0, 'endpoint'],
      ['kernel', 'processes', 0, 'cgroup'],
      ['kernel', 'processes', 0, 'probe', 'exe'],
    ];
    for (const path of paths) {
      const written = textOf([redact(withLeaf(FULL_LOOK, path, '/srv/acme-prod/run.d/till_7/containerd.sock'))]);
      expect(written).not.toMatch(/acme|prod|srv|till_7/);
      expect(written).toMatch(/containerd\.sock/);
    }
  });

  test('hides the keys of its dictionaries as it hides values', () => {
    const { kernel } = FULL_LOOK;
    const path = '/acme/hunter2';
    const process = kernel.processes[0];
    if (process?.probe === undefined) throw new Error('a probe');
    const probe = { ...process.probe, unknown: { 'hunter2 is not a field': 'denied' as const } };
    const look = {
      ...FULL_LOOK,
      kernel: {
        ...kernel,
        processes: [{ ...process, probe }],
        cgroups: { [path]: { path, current: 1, limit: undefined, limitHits: 0 } },
        cgroupOf: { 'hunter2-id': path },
      },
    };
    const redacted = redact(look);
    expect(textOf([redacted])).not.toMatch(/hunter2|acme/);
    const [hidden] = Object.keys(redacted.kernel.cgroups);
    expect([redacted.kernel.cgroups[hidden ?? '']?.path, Object.values(redacted.kernel.cgroupOf)]).toEqual([
      hidden,
      [hidden],
    ]);
  });

  test('of a real look leaves no name of its pods, programs, images and node', () => {
    const written = textOf([redact(FULL_LOOK)]);
    for (const name of [
      'shop',
      '"web"',
      '"job"',
      '"app"',
      '"side"',
      'worker-7',
      'acme',
      'till',
      'payments',
      'hunter2',
      '0b7e5a52',
      '0b7e5a52_6a3e',
    ])
      expect(written).not.toContain(name);
  });

  test('drops what is no field of a snapshot', () => {
    const more = {
      ...FULL_LOOK,
      environment: ['DB_PASSWORD=hunter2'],
      kernel: { ...FULL_LOOK.kernel, annotations: { a: 'hunter2' } },
    };
    expect(textOf([redact(more)])).not.toContain('hunter2');
  });
});

describe('a hash', () => {
  test('is the same for the same name in every look and in messages, and tells what it is of', () => {
    const second = { ...FULL_LOOK, takenAtMs: FULL_LOOK.takenAtMs + 2000 };
    const looks = redactLooks([FULL_LOOK, second], SALT);
    const [web] = looks[0]?.runtimes[0]?.sandboxes ?? [];
    expect(web).toMatchObject({
      namespace: expect.stringMatching(/^ns-[g-v]{12}$/),
      name: expect.stringMatching(/^pod-[g-v]{12}$/),
    });
    expect(looks[1]?.runtimes).toEqual(looks[0]?.runtimes);
    const message = looks[0]?.faults[0]?.message;
    expect(message).toContain(
      `PodSandboxStatus of pod ${web?.namespace}/${web?.name} at unix:///run/containerd/containerd.sock:`,
    );
    expect(message).toMatch(/the answer makes no sense \(… for proc-[g-v]{12}\)\.$/);
    expect(looks[0]?.faults[0]?.subject).toBe(`PodSandboxStatus ${idOf('web')}`);
  });

  test('of the UID of a pod is the same in the path of its cgroup, whichever way the path spells it', () => {
    const uid = '0b7e5a52-6a3e-4c52-9a57-5d2c3f0f8a11';
    for (const [own, spelled] of [
      [uid, uid],
      [uid, uid.replaceAll('-', '_')],
      ['a'.repeat(32), 'a'.repeat(32)],
    ] as const) {
      const path = `/kubepods/burstable/pod${spelled}/${idOf('web')}`;
      const look = redact(
        withLeaf(
          withLeaf(FULL_LOOK, ['runtimes', 0, 'sandboxes', 0, 'uid'], own),
          ['kernel', 'processes', 0, 'cgroup'],
          path,
        ),
      );
      const hash = look.runtimes[0]?.sandboxes[0]?.uid.replace(/^uid-/, '');
      expect(look.kernel.processes[0]?.cgroup).toBe(`/kubepods/burstable/pod${hash}/${idOf('web')}`);
    }
  });

  test('is another one under another key, so that no list of likely names can be tried', () => {
    const name = (salt: Uint8Array): string | undefined => redact(FULL_LOOK, salt).runtimes[0]?.sandboxes[0]?.name;
    expect(name(SALT)).toBe(name(SALT));
    expect(name(Buffer.alloc(32, 8))).not.toBe(name(SALT));
    expect(textOf([redact(FULL_LOOK)])).not.toContain(SALT.toString('hex'));
  });
});

describe('what verdicts and their readers need', () => {
  test('stays: ids and the shape of cgroup paths, systemd and cgroupfs drivers alike', () => {
    const id = idOf('web');
    const cases = [
      ['/kubepods/burstable/pod0b7e5a52-6a3e-4c52-9a57-5d2c3f0f8a11', /^\/kubepods\/burstable\/pod[g-v]{12}$/],
      [
        `/kubepods.slice/kubepods-besteffort.slice/crio-${id}.scope`,
        `/kubepods.slice/kubepods-besteffort.slice/crio-${id}.scope`,
      ],
      [`/system.slice/crio-conmon-${id}.scope`, `/system.slice/crio-conmon-${id}.scope`],
      [`/system.slice/docker-${id}.scope/init.scope`, `/system.slice/docker-${id}.scope/init.scope`],
      [
        '/acme-prod/kubelet-kubepods.slice/till.service',
        /^\/[g-v]{12}-[g-v]{12}\/kubelet-kubepods\.slice\/[g-v]{12}\.service$/,
      ],
      ['/', '/'],
      [`/../${id}`, `/../${id}`],
    ] as const;
    for (const [path, expected] of cases) {
      const { cgroup } =
        redact(withLeaf(FULL_LOOK, ['kernel', 'processes', 0, 'cgroup'], path)).kernel.processes[0] ?? {};
      expect(cgroup).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
    }
  });

  test.each([
    ['pause', 'pause'],
    ['containerd-shim', 'containerd-shim'],
    ['conmon', 'conmon'],
    ['runc', 'runc'],
    ['runc:[2:INIT]', /^runc:[g-v]{12}:[g-v]{12}$/],
    ['kubelet', 'kubelet'],
    ['dockerd', 'dockerd'],
    ['kata-agent', /^kata-[g-v]{12}$/],
    ['till-server', /^proc-[g-v]{12}$/],
    ['', ''],
  ])('stays of the process name %j: programs that start containers, pause, the kubelet', (comm, expected) => {
    const redacted = redact(withLeaf(FULL_LOOK, ['kernel', 'processes', 1, 'comm'], comm)).kernel.processes[1]?.comm;
    expect(redacted).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });

  test("stays: pause images under all their names, also on a registry of one's own; versions; numbers", () => {
    const ref = 'registry.acme.example/mirror/pause:3.0';
    const own = withLeaf(
      withLeaf(FULL_LOOK, ['runtimes', 0, 'configuredPauseImage'], ref),
      ['runtimes', 0, 'images', 0, 'tags'],
      [ref, `${ref}-old`],
    );
    const redacted = redact(own);
    expect(redacted.runtimes[0]).toMatchObject({
      configuredPauseImage: ref,
      version: '1.6.20',
      images: [{ tags: [ref, `${ref}-old`] }, {}],
    });
    expect(redacted.runtimes[0]?.images?.[1]?.tags).toEqual([expect.stringMatching(/^image-[g-v]{12}$/)]);
    const numbers = (look: NodeSnapshot) =>
      [...leavesOf(look)].flatMap(({ value }) => (typeof value === 'string' ? [] : [value]));
    expect(numbers(redact(FULL_LOOK))).toEqual(numbers(FULL_LOOK));
  });

  test('stays of a message about what could not be read: its own words', () => {
    const messages = [
      'A process was left out: its stat could not be read (EACCES).',
      'The kernel denied the namespace links of processes, so which namespaces a pod shares cannot be told, and zombies are joined to pods by cgroup and parent only.',
      'ListPodSandbox at unix:///run/containerd/containerd.sock: nobody listens on the socket; the runtime is not running.',
    ];
    for (const message of messages) {
      const redacted = redact(withLeaf(FULL_LOOK, ['faults', 0, 'message'], message)).faults[0]?.message ?? '';
      expect(redacted.split('…').length, redacted).toBeLessThanOrEqual(4);
    }
    expect(redact(withLeaf(FULL_LOOK, ['faults', 0, 'message'], messages[2])).faults[0]?.message).toBe(messages[2]);
  });
});
