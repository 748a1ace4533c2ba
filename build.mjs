/** Bundles each program into one file below dist/, which needs nothing but Node. */
import { chmod, readdir, readFile } from 'node:fs/promises';
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

/** gRPC loads it to serve its own statistics, which nobody here does: an eighth of the bundle. */
const WITHOUT_PROTO_LOADER = {
  name: 'without-proto-loader',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@grpc\/proto-loader$/ }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

for (const [name, entry] of Object.entries(PROGRAMS)) {
  const outfile = `dist/${name}.js`;
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    // Half the text is half of what stays in memory; names are kept for messages.
    minify: true,
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'linked',
    plugins: [WITHOUT_PROTO_LOADER],
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
}
