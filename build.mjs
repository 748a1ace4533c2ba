/** Bundles the program into one file, dist/pausewatch.js, which needs nothing but Node. */
import { chmod, readFile } from 'node:fs/promises';
import { build } from 'esbuild';

const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'));

/** Packages the program uses are CommonJS and call require for Node's own modules. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

await build({
  entryPoints: ['src/main.ts'],
  outfile: 'dist/pausewatch.js',
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
  define: { PAUSEWATCH_VERSION: JSON.stringify(version) },
  banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
  logLevel: 'warning',
});
await chmod('dist/pausewatch.js', 0o755);
