/** `pausewatch inspect` and the pages of pods, the built program over a node made of files. */
import { beforeAll, describe, expect, test } from 'vitest';
import { makeNode } from './fixture-node.ts';
import { ensureBuilt, runProgram, startAgent } from './program.ts';

beforeAll(ensureBuilt, 60_000);

interface Document {
  readonly sandboxes: readonly {
    readonly id: string;
    readonly processes: readonly {
      readonly pid: number;
      readonly nsPid: number | null;
      readonly isZombie: boolean;
      readonly role: string;
    }[];
    readonly mounts:
      | readonly {
          readonly pid: number;
          readonly mounts: { readonly found: { readonly list: readonly { readonly point: string }[] } | null };
        }[]
      | null;
  }[];
}

/** The text without what changes from run to run. */
function steady(text: string): string {
  return text.replaceAll(/ · (new|for .*)$/gm, '').replaceAll(/ · [^·\n]* old$/gm, '');
}

describe('inspect', () => {
  test('shows a pod by its name, by namespace and name, and by the beginning of its id', async () => {
    const node = await makeNode();
    const named = await runProgram(['inspect', 'shared', ...node.flags]);
    expect(named).toMatchObject({ code: 0, stderr: '' });
    expect(named.stdout).toMatch(/^default\/shared on worker-7 · ready · pause alive · 1 zombie$/m);
    expect(named.stdout).toMatch(/ 1 +\d+ {2}pause/);
    expect(named.stdout).toMatch(/zombie, seen twice/);
    const whole = await runProgram(['inspect', 'default/shared', ...node.flags]);
    expect(steady(whole.stdout)).toBe(steady(named.stdout));
    const id = /^sandbox (\w+)/m.exec(named.stdout)?.[1] ?? '';
    const byId = await runProgram(['inspect', id, ...node.flags]);
    expect(steady(byId.stdout)).toBe(steady(named.stdout));
  });

  test('prints JSON for scripts: every process of the pod with the PID it has inside', async () => {
    const node = await makeNode();
    const { code, stdout } = await runProgram(['inspect', 'own', '-o', 'json', ...node.flags]);
    expect(code).toBe(0);
    const [sandbox] = (JSON.parse(stdout) as Document).sandboxes;
    expect(sandbox?.processes.map(({ role }) => role).slice(0, 2)).toEqual(['pause', 'container-init']);
    expect(sandbox?.processes.every(({ nsPid }) => nsPid !== null)).toBe(true);
    expect(sandbox?.processes.filter(({ isZombie }) => isZombie)).toHaveLength(1);
  });

  test('tells the mounts of a container, none that every container has, and all of them in JSON', async () => {
    const node = await makeNode();
    const asJson = async () => {
      const { stdout } = await runProgram(['inspect', 'own', '-o', 'json', ...node.flags]);
      return (JSON.parse(stdout) as Document).sandboxes[0];
    };
    const pid = (await asJson())?.processes.find(({ role }) => role === 'container-init')?.pid;
    node.write(
      `proc/${pid}/mountinfo`,
      `1 0 0:1 / / rw - overlay overlay rw
2 1 0:2 / /proc rw - proc proc rw
3 1 8:1 /var/lib/kubelet/pods/some-uid/volumes/kubernetes.io~empty-dir/cache /cache ro - ext4 /dev/vda rw
4 1 8:1 / /\\033[2J\\012fake rw - ext4 /dev/vda rw
`,
    );
    const { stdout } = await runProgram(['inspect', 'own', ...node.flags]);
    expect(stdout).toContain(`(PID ${pid}): 4 mounts; 1 in /proc, /sys, /dev not shown\n`);
    expect(stdout).toMatch(/^\/cache +ext4 +ro {2}volume cache \(empty-dir\)$/m);
    expect(stdout).toContain('\n/\\x1b[2J\\x0afake ');
    const mounts = (await asJson())?.mounts?.find((it) => it.pid === pid)?.mounts.found?.list;
    expect(mounts?.map(({ point }) => point)).toEqual(['/', '/proc', '/cache', '/\u001b[2J\nfake']);
  });

  test('through an agent shows the same', { timeout: 90_000 }, async () => {
    const node = await makeNode();
    const agent = await startAgent(node.flags);
    await expect
      .poll(async () => JSON.parse((await agent.get('/sandboxes')).body).complete, { timeout: 5000 })
      .toBe(true);
    for (const word of ['shared', 'deadpause', 'default/hostpid']) {
      const [own, asked] = await Promise.all([
        runProgram(['inspect', word, ...node.flags]),
        runProgram(['inspect', word, '--agent', agent.url]),
      ]);
      expect({ word, code: asked.code, text: steady(asked.stdout) }).toEqual({
        word,
        code: 0,
        text: steady(own.stdout),
      });
    }
    expect((await runProgram(['inspect', 'nobody', '--agent', agent.url])).code).toBe(2);
  });

  test('a pod that is not there, and a word that fits several, are told with exit code 2', async () => {
    const node = await makeNode();
    const none = await runProgram(['inspect', 'nobody', ...node.flags]);
    expect(none).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('no pod nobody on this node') });
    const close = await runProgram(['inspect', 'shar', ...node.flags]);
    expect(close).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('did you mean default/shared?'),
    });
    const prefixes = new Map<string, number>();
    for (const { id } of node.server.answers.sandboxes)
      prefixes.set(id.slice(0, 1), (prefixes.get(id.slice(0, 1)) ?? 0) + 1);
    const shared = [...prefixes].find(([, count]) => count > 1)?.[0];
    if (shared === undefined) throw new Error('two ids that begin alike');
    const several = await runProgram(['inspect', shared, ...node.flags]);
    expect(several).toMatchObject({ code: 2, stdout: '' });
    expect(several.stderr.match(/default\//g)?.length).toBe(prefixes.get(shared));
  });

  test('says what hindered it, and not that a pod is missing where it could not look', async () => {
    const { flags } = await makeNode();
    const bare = flags.filter((flag) => !flag.startsWith('--runtime-endpoint'));
    const none = await runProgram(['inspect', 'shop/search', ...bare]);
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toMatch(/^pausewatch: cannot tell whether pod shop\/search is here: None of the .*sockets/);
    expect(none.stderr).toContain('Name the socket with --runtime-endpoint, or ask an agent with --agent URL.');
    const wrong = await runProgram(['inspect', 'shop/search', ...bare, '--runtime-endpoint=unix:///nowhere.sock']);
    expect(wrong.stderr).toMatch(/is here: unix:\/\/\/nowhere\.sock: there is no such socket/);
    expect(wrong.stderr.match(/no such socket/g)).toHaveLength(1);
    const agent = await startAgent([...bare, '--runtime-endpoint=unix:///nowhere.sock']);
    await agent.until('/readyz', 200);
    const asked = await runProgram(['inspect', 'shop/search', '--agent', agent.url]);
    expect(asked.stderr).toMatch(/^pausewatch: cannot tell whether pod shop\/search is here: .*elsewhere\.\n$/);
  });

  test('needs a pod and knows its flags', async () => {
    expect(await runProgram(['inspect'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('inspect needs a pod'),
    });
    expect((await runProgram(['inspect', 'a', '-o', 'line'])).code).toBe(64);
    expect((await runProgram(['inspect', 'a', 'b'])).code).toBe(64);
  });
});

test('A locale without UTF-8 is drawn for in ASCII, and none at all is taken for one with it', async () => {
  const node = await makeNode();
  for (const args of [['inspect', 'shared'], ['scan'], ['scan', '-o', 'line']]) {
    const plain = await runProgram([...args, ...node.flags], { LANG: 'en_US.UTF-8', LC_ALL: 'C' });
    expect(plain.stdout).toMatch(/^[\n -~]+$/);
  }
  for (const environment of [{}, { LANG: 'C.UTF-8' }, { LANG: 'C', LC_ALL: 'de_DE.utf8' }])
    expect((await runProgram(['inspect', 'shared', ...node.flags], environment)).stdout).toContain('└─ ');
});

describe('/pods', () => {
  test('is a page, a document, and for a name that is not there a list of candidates', async () => {
    const node = await makeNode();
    const agent = await startAgent(node.flags);
    await agent.until('/readyz', 200);
    const html = { accept: 'text/html' };
    const page = await agent.get('/pods/default/own?look=network,mounts', html);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.body).toContain('<h1>default/own</h1>');
    const json = await agent.get('/pods/default/own?format=json');
    expect(JSON.parse(json.body)).toMatchObject({
      namespace: 'default',
      name: 'own',
      sandboxes: [{ network: null, mounts: null }],
    });
    const none = await agent.get('/pods/other/own', html);
    expect([none.status, none.body]).toEqual([404, expect.stringContaining('href="/pods/default/own"')]);
    expect(JSON.parse((await agent.get('/pods/other/own')).body)).toMatchObject({
      error: { code: 'no-such-pod', candidates: [{ namespace: 'default', name: 'own' }] },
    });
    for (const bad of ['?look=files', '?format=xml', '?x=1'])
      expect((await agent.get(`/pods/default/own${bad}`)).status).toBe(400);
    for (const odd of ['/pods', '/pods/', '/pods/%', '/pods/a/b/c', '/pods/%00/x'])
      expect((await agent.get(odd)).status).toBe(404);
    const posted = await fetch(`${agent.url}/pods/default/own`, { method: 'POST' });
    expect(posted.status).toBe(405);
  });

  test('follows the rules of details', async () => {
    const node = await makeNode();
    const agent = await startAgent([...node.flags, '--web.details=off']);
    await agent.until('/readyz', 200);
    expect((await agent.get('/pods/default/own')).status).toBe(403);
    expect((await agent.get('/pods/default/own?look=mounts')).body).toContain('switched off');
  });
});
