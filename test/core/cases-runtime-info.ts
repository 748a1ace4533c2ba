/** When a runtime is said to leave something open, and when not. */
import type { FindingCase } from './finding-case.ts';
import { ENDPOINT, node, pod } from './snapshot-builder.ts';

const RUNTIME = { kind: 'node', runtimeEndpoint: ENDPOINT } as const;
const unpinned = [{ id: 'sha256:1', tags: ['registry.k8s.io/pause:3.9'], digests: [], sizeBytes: 1, pinned: false }];

export const RUNTIME_INFO_CASES: readonly FindingCase[] = [
  {
    id: 'runtime-info-incomplete',
    fires: [
      {
        when: 'containerd is too old to pin',
        node: node({ pods: [pod()], runtime: { version: '1.6.20~ds1', images: unpinned } }),
        severity: 'info',
        subject: RUNTIME,
        evidence: { runtime: 'containerd 1.6.20~ds1', missing: ['whether images are pinned'], knownFaults: [] },
        summary: /^containerd 1\.6\.20~ds1 does not report whether images are pinned\.$/,
        remedy: /^Nothing is broken.*Whether the pause image is pinned is not judged/,
      },
      {
        when: 'containerd 2 does not report the configured pause image (case 55)',
        node: node({ runtime: { version: '2.1.9', configuredPauseImage: undefined } }),
        severity: 'info',
        subject: RUNTIME,
        evidence: { missing: ['the configured pause image'] },
        summary: /does not report the configured pause image/,
        remedy: /^Nothing is broken.*The image of the newest sandbox stands in/,
        neverAdvises: /newer|policy/,
      },
      {
        when: 'its version is known to hang execs and to lose ends (cases 27, 33)',
        node: node({ runtime: { version: '1.7.14' } }),
        severity: 'info',
        subject: RUNTIME,
        evidence: {
          missing: [],
          knownFaults: ['exec calls and exec probes may hang', 'the end of a container may be lost: RUNNING but dead'],
          upgradeTo: '1.7.22',
        },
        summary: /is known for faults: exec calls and exec probes may hang, the end of a container may be lost/,
        remedy: /^Upgrade to 1\.7\.22 or a later release of that line/,
        neverAdvises: /1\.7\.15/,
      },
      {
        when: 'the version in which one fault is gone has another (cases 27, 33)',
        node: node({ runtime: { version: '1.6.30' } }),
        severity: 'info',
        subject: RUNTIME,
        evidence: { upgradeTo: '1.6.36' },
        summary: /is known for faults/,
        remedy: /^Upgrade to 1\.6\.36 /,
        neverAdvises: /1\.6\.31/,
      },
      {
        when: 'it is cri-dockerd, which reports the PID mode wrongly',
        node: node({ runtime: { name: 'docker', flavour: 'cri-dockerd', version: '28.5.2' } }),
        severity: 'info',
        subject: RUNTIME,
        evidence: { missing: ['the PID mode of pods', "its own version (it gives Docker's)"] },
        summary: /docker 28\.5\.2 does not report the PID mode of pods/,
        remedy: /the kernel is asked in its place\. Faults of its version cannot be named/,
      },
      {
        when: 'it reports no pauses',
        node: node({
          pods: [pod('web', { sandbox: { pause: { kind: 'none', reason: 'not-reported' } }, pause: null })],
        }),
        severity: 'info',
        subject: RUNTIME,
        evidence: { missing: ['the PIDs of pauses'] },
        summary: /does not report the PIDs of pauses/,
        remedy: /not judged/,
      },
    ],
    quiet: [
      { when: 'it tells everything', node: node({ pods: [pod()] }) },
      ...['1.7.22', '1.7.24~ds1'].map((version) => ({
        when: `it is containerd ${version}`,
        node: node({ runtime: { version } }),
      })),
      {
        when: 'it does not answer: nobody knows what it would tell',
        node: node({ runtime: { up: false, version: '' } }),
      },
      { when: 'there is none', node: node({ runtimes: [] }) },
    ],
  },
];
