// Compiles the lab's own little programs, statically, with the private compiler; cached by what goes into them.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, makeOnce, type Progress } from './cache-directory.ts';
import { findProgram, libraryTriplet } from './debian-packages.ts';
import type { Tools } from './tools.ts';

const run = promisify(execFile);

/** The compiled programs' paths. */
export interface Programs {
  /** Reaps, like pause 3.1 and later. */
  readonly pause: string;
  /** Does not, like pause 3.0. */
  readonly pauseNoReap: string;
  /** Many behaviours in one, see programs/zoo.c. */
  readonly zoo: string;
}

/** Compiles what has changed since last time, usually nothing. */
export async function compilePrograms(tools: Tools, progress: Progress): Promise<Programs> {
  const [pause, pauseNoReap, zoo] = await Promise.all([
    compile(tools, 'pause', progress),
    compile(tools, 'pause-no-reap', progress),
    compile(tools, 'zoo', progress),
  ]);
  return { pause, pauseNoReap, zoo };
}

async function compile(tools: Tools, name: string, progress: Progress): Promise<string> {
  const source = join(import.meta.dirname, 'programs', `${name}.c`);
  const hash = createHash('sha256').update(tools.root).update(readFileSync(source));
  const path = join(cacheDirectory(), 'programs', `${name}-${hash.digest('hex').slice(0, 12)}`);
  await makeOnce(path, progress, async (half) => {
    progress(`compiling ${name}.c`);
    await run(findProgram(tools.root, 'tcc'), compilerArguments(tools.root, source, join(half, name)), {
      env: tools.environment,
    });
  });
  return join(path, name);
}

/** tcc knows where the host's C library would be; here all of it is private, so everything is spelled out. */
function compilerArguments(root: string, source: string, output: string): string[] {
  const tcc = join(root, 'usr/lib', libraryTriplet('gnu'), 'tcc');
  const musl = join(root, 'usr/lib', libraryTriplet('musl'));
  const include = join(root, 'usr/include', libraryTriplet('musl'));
  const flags = [`-B${tcc}`, '-nostdinc', `-I${include}`, `-I${join(tcc, 'include')}`, '-Wall', '-Werror'];
  const before = [join(musl, 'crt1.o'), join(musl, 'crti.o')];
  const after = [join(musl, 'libc.a'), join(tcc, 'libtcc1.a'), join(musl, 'crtn.o')];
  return [...flags, '-static', '-nostdlib', '-o', output, ...before, source, ...after];
}
