/** Image references and the version of pause that a tag claims. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indexImages } from '../../src/core/image-index.ts';
import { canonicalName, compareVersions, parseImageRef } from '../../src/core/image-ref.ts';
import type { RuntimeSnapshot, StoredImage } from '../../src/core/model.ts';
import { auditTwice } from './audits.ts';
import { node, pod } from './snapshot-builder.ts';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const word = fc.stringMatching(/^[a-z0-9]([a-z0-9_-]{0,8}[a-z0-9])?$/);
const repository = fc.array(word, { minLength: 2, maxLength: 4 }).map((words) => words.join('/'));
const registry = fc.oneof(
  fc.constant('localhost'),
  word.map((name) => `${name}.example`),
  word.map((name) => `${name}:5000`),
);
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);

describe('a reference', () => {
  test('is taken apart into exactly what it was put together from', () => {
    fc.assert(
      fc.property(registry, repository, fc.option(tag), fc.boolean(), (host, path, label, withDigest) => {
        const ref = `${host}/${path}${label === null ? '' : `:${label}`}${withDigest ? `@${DIGEST}` : ''}`;
        expect(parseImageRef(ref)).toMatchObject({
          ref,
          registry: host,
          repository: path,
          tag: label ?? undefined,
          digest: withDigest ? DIGEST : undefined,
        });
      }),
    );
  });

  test('of any text at all does not throw, keeps the text, and its full name names the same image again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (ref) => {
        const image = parseImageRef(ref);
        expect(image.ref).toBe(ref);
        expect(image.registry.length).toBeGreaterThan(0);
        expect(typeof canonicalName(image)).toBe('string');
      }),
    );
    fc.assert(
      fc.property(registry, repository, tag, (host, path, label) => {
        const name = canonicalName(parseImageRef(`${host}/${path}:${label}`));
        expect(canonicalName(parseImageRef(name))).toBe(name);
      }),
    );
  });

  test.each([
    [
      [
        'pause:3.9',
        'library/pause:3.9',
        'docker.io/pause:3.9',
        'docker.io/library/pause:3.9',
        'index.docker.io/library/pause:3.9',
      ],
    ],
    [['rancher/mirrored-pause:3.6', 'docker.io/rancher/mirrored-pause:3.6']],
    [['localhost/kubernetes/pause', 'localhost/kubernetes/pause:latest']],
    [[`gke.gcr.io/pause:3.8@${DIGEST}`, `gke.gcr.io/pause@${DIGEST}`]],
  ])('has one full name however it is spelled: %j', (spellings) => {
    expect(new Set(spellings.map((ref) => canonicalName(parseImageRef(ref)))).size).toBe(1);
  });

  test('is not another image for looking alike', () => {
    const names = ['a/pause:3.9', 'a.b/pause:3.9', 'a:1/pause:3.9', 'localhost/pause:3.9', 'pause:3.9', 'pause:3.90'];
    expect(new Set(names.map((ref) => canonicalName(parseImageRef(ref)))).size).toBe(names.length);
  });

  test('with a port and without a tag has no tag', () => {
    expect(parseImageRef('127.0.0.1:15999/pause')).toMatchObject({ registry: '127.0.0.1:15999', tag: undefined });
  });
});

describe('the pause images of the vendors', () => {
  test.each([
    ['registry.k8s.io/pause:3.10.1', 'registry.k8s.io', 'pause', '3.10.1'],
    ['k8s.gcr.io/pause-amd64:3.1', 'k8s.gcr.io', 'pause-amd64', '3.1'],
    ['gcr.io/google_containers/pause-arm64:3.0', 'gcr.io', 'google_containers/pause-arm64', '3.0'],
    ['kubernetes/pause', 'docker.io', 'kubernetes/pause', undefined],
    [
      '602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/pause:3.1-eksbuild.1',
      '602401143452.dkr.ecr.eu-west-1.amazonaws.com',
      'eks/pause',
      '3.1',
    ],
    ['localhost/kubernetes/pause:0.1.0', 'localhost', 'kubernetes/pause', '0.1.0'],
    ['localhost/kubernetes/pause:latest', 'localhost', 'kubernetes/pause', undefined],
    ['amazon/amazon-ecs-pause:0.1.0', 'docker.io', 'amazon/amazon-ecs-pause', '0.1.0'],
    [`gke.gcr.io/pause:3.8@${DIGEST}`, 'gke.gcr.io', 'pause', '3.8'],
    ['mcr.microsoft.com/oss/kubernetes/pause:3.6', 'mcr.microsoft.com', 'oss/kubernetes/pause', '3.6'],
    ['mcr.microsoft.com/oss/v2/kubernetes/pause:3.9', 'mcr.microsoft.com', 'oss/v2/kubernetes/pause', '3.9'],
    ['rancher/mirrored-pause:3.6', 'docker.io', 'rancher/mirrored-pause', '3.6'],
    ['registry.aliyuncs.com/google_containers/pause:3.9', 'registry.aliyuncs.com', 'google_containers/pause', '3.9'],
    ['ccr.ccs.tencentyun.com/library/pause:latest', 'ccr.ccs.tencentyun.com', 'library/pause', undefined],
    ['cce-pause:3.1', 'docker.io', 'library/cce-pause', '3.1'],
    [
      `quay.io/openshift-release-dev/ocp-v4.0-art-dev@${DIGEST}`,
      'quay.io',
      'openshift-release-dev/ocp-v4.0-art-dev',
      undefined,
    ],
    ['quay.io/dougrabson/pause:latest', 'quay.io', 'dougrabson/pause', undefined],
  ])(
    '%s is of %s, %s, version %s, and no finding for its name unless it is frozen, before 3.1 or short',
    (ref, ...parts) => {
      const { registry, repository, version } = parseImageRef(ref);
      expect([registry, repository, version]).toEqual(parts);
      const images = [{ id: 'sha256:1', tags: [ref], digests: [ref], sizeBytes: 1, pinned: true }];
      const it = node({
        pods: [pod('web', { sandbox: { imageRef: ref } })],
        runtime: { configuredPauseImage: ref, images },
      });
      const frozen = registry === 'k8s.gcr.io' || registry === 'gcr.io' ? ['pause-image-legacy-registry'] : [];
      const old = version === '3.0' ? ['pause-image-too-old'] : [];
      const short = registry === 'docker.io' ? ['pause-image-unqualified'] : [];
      expect(auditTwice(it).findings.map(({ id }) => id)).toEqual([...old, ...frozen, ...short]);
    },
  );
});

describe('the version in a tag', () => {
  test.each([
    ['3.9', '3.9'],
    ['v3.9', '3.9'],
    ['3.10.1', '3.10.1'],
    ['3.1-eksbuild.1', '3.1'],
    ['3', '3'],
    ['latest', undefined],
    ['go', undefined],
    ['3.9rc1', undefined],
    ['sha256-abc', undefined],
  ])('%s is %s', (label, version) => {
    expect(parseImageRef(`registry.k8s.io/pause:${label}`).version).toBe(version);
  });

  test('is compared number by number: 3.10 is newer than 3.9, and 3.1 is 3.1.0', () => {
    const sorted = ['3.10.1', '3.9', '0.8.0', '3.10', '3.1', '3.0', '2.0'].toSorted(compareVersions);
    expect(sorted).toEqual(['0.8.0', '2.0', '3.0', '3.1', '3.9', '3.10', '3.10.1']);
    expect(compareVersions('3.1', '3.1.0')).toBe(0);
  });

  test('is ordered: turned round the answer turns round', () => {
    const version = fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
      }),
    );
  });
});

describe('a stored image', () => {
  const image = (facts: Partial<StoredImage>): StoredImage => ({
    id: 'sha256:9',
    tags: [],
    digests: [],
    sizeBytes: 1,
    pinned: false,
    ...facts,
  });

  test('is found by tag, by digest, and by its id, and not by the wrong tag', () => {
    const [byTag, byDigest] = [
      image({ tags: ['docker.io/library/pause:3.9'] }),
      image({ digests: [`a.b/pause@${DIGEST}`] }),
    ];
    expect(indexImages([byTag]).find(parseImageRef('pause:3.9'))).toBe(byTag);
    expect(indexImages([byTag]).find(parseImageRef('pause:3.8'))).toBeUndefined();
    expect(indexImages([byDigest]).find(parseImageRef(`a.b/pause:3.9@${DIGEST}`))).toBe(byDigest);
    expect(indexImages([byDigest]).find(parseImageRef('sha256:9'))).toBe(byDigest);
  });

  const pinnedOf = (flavour: RuntimeSnapshot['flavour'], version: string, pinned = false) => {
    const images = [image({ tags: ['registry.k8s.io/pause:3.9'], pinned })];
    return auditTwice(node({ runtime: { flavour, version, images } })).pauseImages[0]?.images[0]?.pinned;
  };

  test.each([
    ['containerd', '1.5.18', undefined],
    ['containerd', '1.6.20~ds1', undefined],
    ['containerd', '1.6.22', false],
    ['containerd', '1.7.2', undefined],
    ['containerd', '1.7.24~ds1', false],
    ['containerd', '2.1.9+unknown', false],
    ['cri-o', '1.27.1', undefined],
    ['cri-o', '1.28.0', false],
    ['cri-o', '1.36.3', false],
    ['cri-dockerd', '28.5.2', undefined],
    ['unknown', '', undefined],
  ] as const)(
    'of %s %s that is not pinned says so only where the runtime can pin: %s',
    (flavour, version, expected) => {
      expect(pinnedOf(flavour, version)).toBe(expected);
      expect(pinnedOf(flavour, version, true)).toBe(true);
    },
  );
});
