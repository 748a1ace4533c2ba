/** The built program can only read: what a CRI client could change a node with is not in it. */
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { BUNDLE, ensureBuilt } from './program.ts';

let bundle = '';
beforeAll(async () => {
  await ensureBuilt();
  bundle = readFileSync(BUNDLE, 'utf8');
}, 60_000);

/** Every CRI v1 call that changes a node, runs something on it, or takes events from the kubelet. */
const FORBIDDEN = [
  'RunPodSandbox',
  'StopPodSandbox',
  'RemovePodSandbox',
  'CreateContainer',
  'StartContainer',
  'StopContainer',
  'RemoveContainer',
  'UpdateContainerResources',
  'UpdatePodSandboxResources',
  'ReopenContainerLog',
  'ExecSync',
  'PortForward',
  'UpdateRuntimeConfig',
  'CheckpointContainer',
  'GetContainerEvents',
  'PullImage',
  'RemoveImage',
];

/** Modules a bundle requires: esbuild's stand-in for require has another short name in every build. */
function requiredModules(text: string): readonly string[] {
  const name = /([\w$]+)=\([\w$]+=>typeof require<"u"\?require:/.exec(text)?.[1];
  if (name === undefined) throw new Error('no require in this bundle: has the bundler changed?');
  const call = new RegExp(
    `(?:\\b|(?<=\\W))(?:${name.replaceAll('$', String.raw`\$`)}|require)\\(["'\`]([^"'\`]+)["'\`]\\)`,
    'g',
  );
  return [...text.matchAll(call)].map(([, module = '']) => module).filter((module) => !module.startsWith('.'));
}

describe('the bundle', () => {
  test('holds the code of the program', () => {
    expect(bundle.length).toBeGreaterThan(100_000);
    expect(bundle).toContain('pause-dead-containers-running');
  });

  test('is ASCII: with one other character its whole text takes twice the memory', () => {
    expect(bundle.match(/[^\0-\x7f]/g)).toBeNull();
  });

  test.each(FORBIDDEN)('does not know %s', (call) => {
    expect(bundle.toLowerCase()).not.toContain(call.toLowerCase());
  });

  test('knows exactly the methods of proto/runtime/v1/cri.proto', () => {
    const proto = readFileSync(new URL('../../proto/runtime/v1/cri.proto', import.meta.url), 'utf8');
    const declared = proto
      .split(/^service /m)
      .slice(1)
      .flatMap((service) => {
        const [name = ''] = service.split(' ');
        return [...service.matchAll(/^ {2}rpc (\w+)\(/gm)].map(([, method]) => `runtime.v1.${name}/${method}`);
      });
    expect(declared).toHaveLength(10);
    const held = bundle.split(/(?=\bfullName: ?")/).flatMap((service) => {
      const name = /^fullName: ?"([^"]+)"/.exec(service)?.[1];
      return [...service.matchAll(/\bname: ?"(\w+)", ?requestType/g)].map(([, method]) => `${name}/${method}`);
    });
    expect(held.toSorted()).toEqual(declared.toSorted());
  });

  test('has no other way to call a method: Exec and Attach are no paths in it', () => {
    expect(bundle).not.toMatch(/["'`/](Exec|Attach)["'`]/);
    expect(bundle).not.toMatch(/\/runtime\.v\d/);
  });

  test('starts no processes', () => {
    expect(bundle).not.toMatch(/child_process|\bexecFile\b|\bspawnSync\b|worker_threads.*eval/);
  });

  test('holds nothing of the programs that stand in for a shell, which start processes', () => {
    const [enter, plugin] = ['pausewatch-enter', 'kubectl-pausewatch'].map((name) =>
      readFileSync(BUNDLE.replace(/pausewatch\.js$/, `${name}.js`), 'utf8'),
    );
    for (const [text, own] of [
      [enter, '--mount-proc'],
      [plugin, 'Forwarding from'],
    ] as const) {
      expect(text).toContain('child_process');
      expect(text).toContain(own);
      expect(bundle.includes(own)).toBe(false);
    }
  });

  test('comes with the licence of every package that it holds', () => {
    const licences = readFileSync(BUNDLE.replace(/\.js$/, '.LICENSES.txt'), 'utf8');
    const { sources } = JSON.parse(readFileSync(`${BUNDLE}.map`, 'utf8')) as { readonly sources: readonly string[] };
    const packages = new Set(sources.flatMap((it) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(it)?.[1] ?? []));
    expect(packages).toContain('prom-client');
    const missing = [...packages].filter((name) => !licences.includes(`${name} `));
    // A package's own source map names what that package was built from.
    expect(missing.filter((name) => existsSync(`node_modules/${name}/package.json`))).toEqual([]);
    expect(licences).toContain('Permission is hereby granted');
  });

  test('is looked through for what it requires also when names are minified', () => {
    const shim = 'var Qe=(t=>typeof require<"u"?require:t)(function(t){});var a=Qe("left-pad"),b=Qe("node:fs");';
    expect(requiredModules(shim)).toEqual(['left-pad', 'node:fs']);
    expect(() => requiredModules('nothing is required here')).toThrow('no require');
  });

  test('needs nothing but Node: every import is one of its own modules', () => {
    const imported = [...bundle.matchAll(/\bimport\s*[\w$*{][^;"]*?\bfrom\s*["']([^"']+)["']/g)].map(
      ([, name]) => name,
    );
    const required = requiredModules(bundle);
    expect(imported).toContain('node:http2');
    expect(imported.length).toBeGreaterThan(5);
    const own = new Set(process.getBuiltinModule('node:module').builtinModules);
    const foreign = [...imported, ...required].filter((name) => !own.has((name ?? '').replace(/^node:/, '')));
    expect([...new Set(foreign)]).toEqual([]);
  });
});
