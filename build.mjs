/** Bundles each program into one file below dist/, which needs nothing but Node. */
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

/** What is built from where: the agent, and the two programs that stand in for a person's shell. */
const PROGRAMS = {
  pausewatch: 'src/main.ts',
  'pausewatch-enter': 'src/enter/main.ts',
  'kubectl-pausewatch': 'src/kubectl/main.ts',
};

const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'));

/** Words of the runbooks by finding id; what is generated above them the program knows itself. */
const directory = new URL('docs/findings/', import.meta.url);
const runbooks = {};
for (const name of (await readdir(directory)).sort()) {
  const text = await readFile(new URL(name, directory), 'utf8');
  runbooks[name.replace(/\.md$/, '')] = text.slice(text.indexOf('## Meaning'));
}

/** Packages the program uses are CommonJS and call require for Node's own modules. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

for (const [name, entry] of Object.entries(PROGRAMS)) {
  const outfile = `dist/${name}.js`;
  const { metafile } = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    // A quarter less of the text that stays in memory. Names stay what they are: shorter ones save less than it costs to
    // give each function its own name back when it is made.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    define: {
      PAUSEWATCH_VERSION: JSON.stringify(version),
      // The commit, where whoever builds knows it: the Dockerfile's build argument.
      PAUSEWATCH_REVISION: JSON.stringify(process.env.REVISION ?? ''),
      PAUSEWATCH_RUNBOOKS: JSON.stringify(runbooks),
    },
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
    logLevel: 'warning',
  });
  await chmod(outfile, 0o755);
  await writeFile(`dist/${name}.LICENSES.txt`, await licencesOf(Object.keys(metafile.inputs)));
}

/** Every package that files of it came from, with its licence; a package may keep the text to its package.json. */
async function licencesOf(files) {
  const packages = new Set(files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  const texts = [...packages].sort().map(async (path) => {
    const { name, version, license } = JSON.parse(await readFile(`${path}/package.json`, 'utf8'));
    const file = (await readdir(path)).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version}, ${license}\n${file === undefined ? '' : `\n${await readFile(`${path}/${file}`, 'utf8')}`}`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}
