/** Random trees of real processes: zombies per container, their culprits and the kind of each are what was made. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { PAUSE_IMAGES, startLab } from '../lab/lab.ts';
import { type SandboxesDocument, type SandboxJson, sandboxOf } from './document.ts';
import { createRandom, type ExpectedZombie, makeRound, type Round } from './process-trees.ts';
import { scanDocument } from './program.ts';

const ROUNDS = 200;
const BATCH = 50;
const SEED = Number(process.env['PAUSEWATCH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** Trees grow within milliseconds of their container's start; a busy machine may need longer. */
const GROWN_WITHIN_MS = 60_000;
/** One wrong pod in all of them is a fault, whatever a second try says. */
const ALL_OF_THEM = { timeout: 900_000, retry: 0 };

const random = createRandom(SEED);

const byText = (lines: readonly string[]): readonly string[] => lines.toSorted();

/** A zombie that pause adopted may have lost every trace of its container: the pod is known, and that is what counts. */
function expected({ zombies }: Round): readonly string[] {
  return byText(
    zombies.map(({ container, comm, parentComm, parentKind }) =>
      line(parentKind === 'pause' ? undefined : container, comm, parentComm, parentKind),
    ),
  );
}

function found({ zombies }: SandboxJson): readonly string[] {
  return byText(
    zombies.items.map(({ container, comm, parent }) =>
      line(parent?.kind === 'pause' ? undefined : (container ?? 'none'), comm, parent?.comm ?? 'none', parent?.kind),
    ),
  );
}

function line(container: string | undefined, comm: string, parentComm: string, kind: string | undefined): string {
  return `${container ?? 'pod'}: ${comm} under ${parentComm} (${kind})`;
}

/** Per container, where the container of every zombie is certain. */
function countsOf(zombies: readonly ExpectedZombie[], container: string): number {
  return zombies.filter((it) => it.container === container && it.parentKind !== 'pause').length;
}

function differences(document: SandboxesDocument, rounds: readonly Round[]): string[] {
  return rounds.flatMap((round) => {
    const { name, pidMode, containers = [] } = round.pod;
    const sandbox = sandboxOf(document, name);
    const [made, seen] = [expected(round), found(sandbox)];
    const counts = sandbox.containers.filter((it) => {
      const certain = countsOf(round.zombies, it.name);
      const adopted = round.zombies.filter((zombie) => zombie.container === it.name).length;
      return it.zombies === null || it.zombies < certain || it.zombies > adopted;
    });
    if (made.join('\n') === seen.join('\n') && sandbox.zombies.count === made.length && counts.length === 0) return [];
    const commands = containers.map(({ command }) => command.join(' '));
    return [JSON.stringify({ name, pidMode, commands, made, seen, counts }, undefined, 1)];
  });
}

/** In a lab of its own: closed with all pods in it, it costs a tenth of what removing each of them does. */
async function runBatch(rounds: readonly Round[], defaultPauseImage: string): Promise<string[]> {
  const lab = await startLab({ defaultPauseImage });
  try {
    await Promise.all(rounds.map(({ pod }) => lab.runPod(pod)));
    const deadlineMs = performance.now() + GROWN_WITHIN_MS;
    let wrong = differences(await scanDocument(lab), rounds);
    while (wrong.length > 0 && performance.now() < deadlineMs) {
      await sleep(1000);
      wrong = differences(await scanDocument(lab), rounds);
    }
    return wrong;
  } finally {
    await lab.close();
  }
}

test(
  `${ROUNDS} pods of random process trees: pausewatch finds exactly the zombies and culprits that were made (seed ${SEED})`,
  ALL_OF_THEM,
  async () => {
    const kinds = new Map<string, number>();
    for (let start = 0; start < ROUNDS; start += BATCH) {
      const pauseReaps = start + BATCH < ROUNDS;
      const rounds = Array.from({ length: BATCH }, (_, i) => makeRound(`tree-${start + i}`, random, pauseReaps));
      const wrong = await runBatch(rounds, pauseReaps ? PAUSE_IMAGES.reaps : PAUSE_IMAGES.noReap);
      console.log(`${start + BATCH} of ${ROUNDS} pods after ${Math.round(performance.now() / 1000)} s`);
      expect(wrong, `PAUSEWATCH_SEED=${SEED} makes the same trees again`).toEqual([]);
      for (const { parentKind } of rounds.flatMap(({ zombies }) => zombies)) {
        kinds.set(parentKind, (kinds.get(parentKind) ?? 0) + 1);
      }
    }
    console.log(`seed ${SEED}: ${ROUNDS} pods equal; zombies by parent: ${JSON.stringify(Object.fromEntries(kinds))}`);
    expect([...kinds.keys()].toSorted()).toEqual(['container-init', 'pause', 'process']);
  },
);
