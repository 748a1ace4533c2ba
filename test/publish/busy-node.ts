/** A node with eight pods and most of what can go wrong: the report that people-facing outputs are judged by. */
import { parseImageRef } from '../../src/core/image-ref.ts';
import type { AuditReport } from '../../src/core/report.ts';
import { containerView, ENDPOINT, finding, NOW_MS, report, sandboxId, sandboxView, zombie } from './report-builder.ts';

const MINUTE_MS = 60_000;
const OLD_PAUSE = { ...parseImageRef('k8s.gcr.io/pause:3.0'), imageId: 'sha256:99e59f' };

const coredns = sandboxView('kube-system', 'coredns-5d78c9869d-lq7wd', { id: sandboxId('c0de') });
const checkout = sandboxView('shop', 'checkout-7d9c6b5f4-x2x9q', {
  id: sandboxId('c0ffee'),
  pidMode: 'pod',
  image: OLD_PAUSE,
  containers: [containerView('web', { zombies: 208 }), containerView('envoy', { zombies: 6 })],
  zombies: {
    count: 214,
    items: Array.from({ length: 214 }, (_, i) =>
      zombie(5000 + i, { parent: { pid: 4711, nsPid: 1, comm: 'pause', kind: 'pause' } }),
    ),
  },
  pids: { current: 231, limit: 1024, limitFrom: 'pod', utilization: 0.226, zombieShare: 0.926 },
  findings: [
    finding(
      'pause-not-reaping',
      'critical',
      { kind: 'sandbox', namespace: 'shop', pod: 'checkout-7d9c6b5f4-x2x9q', sandboxId: sandboxId('c0ffee') },
      { evidence: { zombies: 214, image: 'k8s.gcr.io/pause:3.0' }, sinceMs: NOW_MS - 192 * MINUTE_MS, atLeast: true },
    ),
  ],
});
const mailer = sandboxView('shop', 'mailer-0', {
  id: sandboxId('3a11'),
  containers: [containerView('smtp', { zombies: 14 })],
  zombies: { count: 14, items: [zombie(6000)] },
  pids: { current: 40, limit: 4096, limitFrom: 'container', utilization: 0.0098, zombieShare: 0.35 },
  findings: [
    finding(
      'zombies-container-init',
      'warning',
      { kind: 'container', namespace: 'shop', pod: 'mailer-0', container: 'smtp', sandboxId: sandboxId('3a11') },
      {
        evidence: { zombies: 14, names: ['curl', 'sh'], parentComm: 'node', parentPid: 4800, sharingHelps: 'yes' },
        sinceMs: NOW_MS - 40 * MINUTE_MS,
      },
    ),
  ],
});
const batch = sandboxView('batch', 'nightly-report-aggregation-worker-28391040-vvk4t', {
  id: sandboxId('ba7c'),
  containers: [containerView('worker', { zombies: 3 })],
  zombies: { count: 3, items: [zombie(7000)] },
  findings: [
    finding(
      'zombies-app-parent',
      'info',
      {
        kind: 'process',
        namespace: 'batch',
        pod: 'nightly-report-aggregation-worker-28391040-vvk4t',
        container: 'worker',
        sandboxId: sandboxId('ba7c'),
        pid: 7001,
      },
      {
        evidence: { zombies: 3, names: ['gzip\u001b[31m'], parentComm: 'cron\njob', parentPid: 7001 },
        confirmed: false,
      },
    ),
  ],
});
const metrics = sandboxView('monitoring', 'node-exporter-8r4ct', {
  id: sandboxId('e0'),
  pauseHealth: 'dead',
  pause: undefined,
  state: 'notready',
  findings: [
    finding(
      'pause-dead-containers-running',
      'critical',
      { kind: 'sandbox', namespace: 'monitoring', pod: 'node-exporter-8r4ct', sandboxId: sandboxId('e0') },
      { evidence: { containers: ['app'] }, sinceMs: NOW_MS - 2 * MINUTE_MS },
    ),
  ],
});
const quiet = ['kube-proxy-2xw8p', 'calico-node-jd9zz'].map((name) => sandboxView('kube-system', name));
const unseen = sandboxView('default', 'debug', {
  pauseHealth: 'unknown',
  unjudged: ['timeout'],
  pause: undefined,
  unknown: [{ field: 'pause', reason: 'timeout' }],
});
const ended = sandboxView('batch', 'migrate-once-4kq2d', {
  state: 'notready',
  pauseHealth: 'none',
  pause: undefined,
  noPauseReason: 'exited',
  containers: [],
});

/** The report. */
export const BUSY_NODE: AuditReport = report(
  {
    complete: false,
    sandboxes: [coredns, checkout, mailer, batch, metrics, ...quiet, unseen, ended],
    sources: [
      {
        source: 'runtime',
        endpoint: ENDPOINT,
        up: true,
        answeredAtMs: NOW_MS,
        faults: [
          {
            source: 'runtime',
            endpoint: ENDPOINT,
            code: 'timeout',
            subject: 'sandbox 3f2a',
            message: 'PodSandboxStatus took longer than 2 s.',
            count: 1,
          },
        ],
      },
      {
        source: 'procfs',
        endpoint: undefined,
        up: true,
        answeredAtMs: NOW_MS,
        faults: [
          {
            source: 'procfs',
            endpoint: undefined,
            code: 'denied',
            subject: '/proc/*/exe',
            message: 'Not readable without SYS_PTRACE.',
            count: 8,
          },
        ],
      },
      { source: 'cgroupfs', endpoint: undefined, up: true, answeredAtMs: NOW_MS, faults: [] },
    ],
    pauseImages: [
      {
        runtimeEndpoint: ENDPOINT,
        configured: parseImageRef('registry.k8s.io/pause:3.9'),
        images: [
          {
            image: parseImageRef('registry.k8s.io/pause:3.9'),
            imageId: 'sha256:e6f181',
            sizeBytes: 321_520,
            pinned: false,
            configured: true,
            sandboxes: 8,
          },
          {
            image: OLD_PAUSE,
            imageId: OLD_PAUSE.imageId,
            sizeBytes: 746_888,
            pinned: false,
            configured: false,
            sandboxes: 1,
          },
        ],
      },
    ],
    unjudged: { denied: 0, timeout: 1, vanished: 0, silent: 0, unsupported: 0, malformed: 0 },
    nodeView: {
      zombies: { pod: 231, runtime: 0, host: 2, unattributed: 0 },
      pids: 1290,
      pidsLimit: 32_768,
      kubepodsPids: 700,
      kubepodsPidsLimit: 20_000,
    },
  },
  [
    finding(
      'pause-image-legacy-registry',
      'warning',
      { kind: 'image', image: 'k8s.gcr.io/pause:3.0', runtimeEndpoint: ENDPOINT },
      {
        evidence: {
          image: 'k8s.gcr.io/pause:3.0',
          sandboxes: 1,
          pods: ['shop/checkout-7d9c6b5f4-x2x9q'],
          replacement: 'registry.k8s.io/pause:3.9',
        },
        sinceMs: NOW_MS - 3000 * MINUTE_MS,
      },
    ),
  ],
);
