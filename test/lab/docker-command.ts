// Docker's own command line, of the package the lab's dockerd is from; another may come first on the PATH.
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DockerLab } from './docker-lab.ts';

const run = promisify(execFile);

/** How `docker build` works: by a container for each step, or by BuildKit in dockerd. */
export type Builder = 'classic' | 'BuildKit';

/** `docker build` in this directory, without a cache and without a network; throws with all that was printed. */
export async function dockerBuild(
  { command, endpoint, directory }: DockerLab,
  builder: Builder,
  tag: string,
  args: Readonly<Record<string, string>>,
): Promise<void> {
  // Empty: no proxy, no credential helper and no plugin of the person who runs the tests.
  const home = join(directory.path, 'docker-home');
  mkdirSync(home, { recursive: true });
  const env = {
    DOCKER_HOST: endpoint,
    DOCKER_CONFIG: home,
    HOME: home,
    PATH: '/usr/bin:/bin',
    DOCKER_BUILDKIT: builder === 'BuildKit' ? '1' : '0',
    BUILDKIT_PROGRESS: 'plain',
  };
  const buildArgs = Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const words = ['build', '--no-cache', '--network=none', ...buildArgs, '--tag', tag, '.'];
  await run(command, words, { env, timeout: 240_000, maxBuffer: 16 * 1024 * 1024 });
}
