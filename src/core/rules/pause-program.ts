/** Rules about what runs as pause, or under its name: which program, how much CPU. */
import type { CpuUse } from '../cpu-use.ts';
import type { Evidence, Verdict } from '../finding.ts';
import { runsForeignKernel } from '../foreign-kernel.ts';
import { parseImageRef } from '../image-ref.ts';
import type { Process } from '../model.ts';
import { isCalledPause, PAUSE_COMMANDS } from '../pause-vendors.ts';
import { programPath } from '../program-path.ts';
import { type ContainerScene, containerSubject, isAlive, type Scene, sandboxSubject } from '../scene.ts';
import { livePauses, unknownOf, unseenPauses } from './live-pauses.ts';

/** pause-unexpected-binary: the program that runs as pause is no pause that is known. */
export function* pauseUnexpectedBinary(scene: Scene): Generator<Verdict> {
  const commands = new Set([...PAUSE_COMMANDS, ...scene.policy.pauseCommands]);
  yield* unseenPauses(scene);
  for (const { pod, process } of livePauses(scene)) {
    const { pid, comm, probe } = process;
    const exe = probe?.exe;
    if (exe === undefined) yield unknownOf(pod, probe, 'exe');
    // A file that was replaced under a running program still is the program that was started.
    else if (!commands.has(programPath(exe))) {
      const image = pod.sandbox.imageRef ?? null;
      const evidence = {
        pausePid: pid,
        exe,
        exeSha256: probe?.exeSha256 ?? null,
        comm,
        image,
        uid: probe?.uid ?? null,
      };
      yield { kind: 'finding', severity: 'warning', subject: sandboxSubject(pod), evidence };
    }
  }
}

/** pause-cpu-usage: pause takes CPU time, which it has no use for. */
export function* pauseCpuUsage(scene: Scene): Generator<Verdict> {
  yield* unseenPauses(scene);
  for (const { pod, process } of livePauses(scene)) {
    const use = scene.cpu.useOf(process);
    if (use === undefined) {
      yield { kind: 'unknown', subject: sandboxSubject(pod), reason: 'one-look' };
    } else if (isBusy(use, scene.policy.pauseCpuShare)) {
      const { pid, threads, probe } = process;
      const about = { pausePid: pid, threads, exe: probe?.exe ?? null, exeSha256: probe?.exeSha256 ?? null };
      const evidence = { ...about, ...describeUse(use), sharedPidNamespace: pod.sharesPid ?? null };
      yield { kind: 'finding', severity: 'warning', subject: sandboxSubject(pod), evidence };
    }
  }
}

/** pause-impersonation: a container that calls itself pause and works; an idle one is a harmless placeholder. */
export function* pauseImpersonation(scene: Scene): Generator<Verdict> {
  for (const pod of scene.pods) {
    if (runsForeignKernel(pod)) continue;
    for (const it of pod.containers) {
      if (!isAlive(it) || it.init.kind !== 'found') continue;
      const by = namesItself(it, it.init.process);
      if (by.length === 0) continue;
      const subject = containerSubject(pod, it.container);
      const use = scene.cpu.useOf(it.init.process);
      if (use === undefined) yield { kind: 'unknown', subject, reason: 'one-look' };
      else if (isBusy(use, scene.policy.impersonationCpuShare)) {
        const { pid, comm, threads, probe } = it.init.process;
        const image = it.container.imageRef;
        const evidence = { pid, comm, exe: probe?.exe ?? null, image, calledPauseBy: by, threads, ...describeUse(use) };
        yield { kind: 'finding', severity: 'critical', subject, evidence };
      }
    }
  }
}

/** What of a container says pause: its name, its image, its program, its process name. */
function namesItself({ container }: ContainerScene, { comm, probe }: Process): string[] {
  const signs: readonly (readonly [string, boolean])[] = [
    ['name', container.name.toLowerCase() === 'pause'],
    ['image', isCalledPause(parseImageRef(container.imageRef))],
    ['exe', probe?.exe !== undefined && PAUSE_COMMANDS.includes(programPath(probe.exe))],
    ['comm', comm === 'pause'],
  ];
  return signs.flatMap(([sign, holds]) => (holds ? [sign] : []));
}

/** A tick or two may be rounding: five at least. */
const LEAST_TICKS = 5;

function isBusy({ share, ticks }: CpuUse, bar: number): boolean {
  return share >= bar && ticks >= LEAST_TICKS;
}

function describeUse({ share, windowMs }: CpuUse): Evidence {
  return { cpuPercent: Math.round(share * 1000) / 10, windowSeconds: Math.round(windowMs / 100) / 10 };
}
