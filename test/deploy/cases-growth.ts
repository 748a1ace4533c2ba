/** Growth alerts against what zombies do: ramps, plateaus, steps, bursts, threads, pods without a limit and young ones. */
import { type RuleCase, type Series, target } from './rule-case.ts';

const BUILDUP = 'PausewatchZombieBuildup';
const LIMIT = 'PausewatchPidLimitByZombies';

/** Zombies of a pod by minute, what else runs in it, and its PID limit. */
interface Shape {
  readonly pod: string;
  readonly zombies: (minute: number) => number;
  readonly alive?: (minute: number) => number;
  readonly limit?: number;
}

function labelsOf(pod: string): Readonly<Record<string, string>> {
  return { namespace: 'ci', pod, ...target('node-1') };
}

function seriesOf({ pod, zombies, alive = () => 20, limit }: Shape): Series[] {
  const labels = labelsOf(pod);
  const pids = (minute: number) => Math.min(zombies(minute) + alive(minute), limit ?? Number.POSITIVE_INFINITY);
  return [
    { name: 'pausewatch_pod_zombies', labels, at: zombies },
    { name: 'pausewatch_pod_pids', labels, at: pids },
    {
      name: 'pausewatch_pod_pids_utilization_ratio',
      labels,
      at: (minute) => (limit === undefined ? 0 : pids(minute) / limit),
    },
  ];
}

/** A story in which both alerts stay quiet all day. */
function quiet(title: string, shape: Omit<Shape, 'pod'>): RuleCase {
  const minutes = Array.from({ length: 24 }, (_, i) => 15 + i * 15);
  return {
    title,
    minutes: 375,
    series: seriesOf({ pod: 'runner', ...shape }),
    expect: minutes.flatMap((minute) => [
      { alert: BUILDUP, minute, firing: [] },
      { alert: LIMIT, minute, firing: [] },
    ]),
  };
}

/** Every story. */
export const GROWTH_CASES: readonly RuleCase[] = [
  {
    title: 'A ramp of one zombie a minute without a limit: a buildup, and no limit to reach',
    minutes: 400,
    series: seriesOf({ pod: 'runner', zombies: (minute) => (minute < 200 ? minute : 0) }),
    expect: [
      { alert: BUILDUP, minute: 60, firing: [] },
      { alert: BUILDUP, minute: 180, firing: [{ labels: labelsOf('runner'), value: '150' }] },
      { alert: LIMIT, minute: 180, firing: [] },
      // Restarted at 200; kept for an hour.
      { alert: BUILDUP, minute: 250, firing: [{ labels: labelsOf('runner'), value: '169' }] },
      { alert: BUILDUP, minute: 270, firing: [] },
    ],
  },
  {
    title: 'A ramp towards a limit of 1024: the limit is seen hours ahead, and forgotten after the restart',
    minutes: 300,
    series: seriesOf({ pod: 'runner', limit: 1024, zombies: (minute) => (minute < 150 ? 3 * minute : 0) }),
    expect: [
      { alert: LIMIT, minute: 10, firing: [] },
      { alert: LIMIT, minute: 120, firing: [{ labels: labelsOf('runner'), value: '37.11%' }] },
      { alert: LIMIT, minute: 290, firing: [] },
    ],
  },
  {
    title: 'A slow ramp: the buildup is told long before the limit is near',
    minutes: 400,
    series: seriesOf({ pod: 'runner', limit: 32_768, zombies: (minute) => Math.floor(minute / 4) }),
    expect: [
      { alert: BUILDUP, minute: 300, firing: [{ labels: labelsOf('runner'), value: '67' }] },
      { alert: LIMIT, minute: 300, firing: [] },
    ],
  },
  quiet('A plateau: many zombies that stay as many', { limit: 1024, zombies: () => 500 }),
  quiet('A step: many zombies at once, then no more', { limit: 1024, zombies: (minute) => (minute < 100 ? 0 : 500) }),
  quiet('Bursts: a build leaves zombies and they are collected when it ends', {
    limit: 1024,
    zombies: (minute) => (minute % 40) * 5,
  }),
  quiet('A few zombies that grow slowly', { limit: 1024, zombies: (minute) => Math.floor(minute / 30) }),
  quiet('Threads that grow without zombies are another matter', {
    limit: 1024,
    zombies: () => 0,
    alive: (minute) => 20 + 3 * minute,
  }),
  quiet('No zombies and no limit', { zombies: () => 0 }),
  {
    title: 'A leak in one pod is not told of its neighbour on another node',
    minutes: 200,
    series: [
      ...seriesOf({ pod: 'runner', zombies: (minute) => minute }),
      {
        name: 'pausewatch_pod_zombies',
        labels: { namespace: 'ci', pod: 'runner-2', ...target('node-2') },
        at: () => 30,
      },
    ],
    expect: [{ alert: BUILDUP, minute: 180, firing: [{ labels: labelsOf('runner'), value: '150' }] }],
  },
];
