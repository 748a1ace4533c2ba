/** The pages in a real browser over real pods: they show what was arranged, work without a script, and load nothing else. */
import { readFileSync, readlinkSync } from 'node:fs';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabPod } from '../lab/pod.ts';
import { startBrowser } from './chromium.ts';
import { type RunningAgent, run, startAgent } from './program.ts';

const HOSTILE = '<img src=x>\x1b[2J';

let lab: Lab;
let agent: RunningAgent;
let browser: Browser;
const pods = new Map<string, LabPod>();

beforeAll(async () => {
  lab = await startLab();
  const leak = { name: 'app', command: ['zoo', 'leak-below', '2', '--', 'reaper'] } as const;
  const hex = Buffer.from(HOSTILE.slice(0, 15)).toString('hex');
  const listen = { name: 'web', command: ['sh', '-c', 'busybox nc -l -p 8080 & exec zoo reaper'] } as const;
  const specs = [
    { name: 'own', containers: [leak] },
    {
      name: 'shared',
      pidMode: 'pod',
      containers: [
        { name: 'app', command: ['zoo', 'orphans', '3', '--', 'reaper'] },
        { ...leak, name: 'leak' },
      ],
    },
    { name: 'node', pidMode: 'node', containers: [leak] },
    { name: 'cni', network: 'cni', containers: [listen] },
    { name: 'hostile', containers: [{ name: 'app', command: ['zoo', 'rename', hex, '--', 'leak-init', '2'] }] },
    { name: 'fine', containers: [{ name: 'app', command: ['zoo', 'reaper'] }] },
  ] as const;
  await Promise.all(specs.map(async (spec) => pods.set(spec.name, await lab.runPod({ namespace: 'eyes', ...spec }))));
  agent = await startAgent(lab, '--settle', '500ms', '--audit.interval', '2s');
  await agent.until(({ complete }) => complete);
  browser = await startBrowser();
}, 400_000);

afterAll(async () => {
  await browser?.close();
  await agent?.stop();
  await lab?.close();
});

/** A page of the agent, opened; nothing may be asked of anybody else, and the console must stay silent. */
async function visit(
  path: string,
  look: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    const trouble: string[] = [];
    page.on('console', (message) => trouble.push(message.text()));
    page.on('pageerror', (error) => trouble.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(agent.url) && !request.url().startsWith('data:')) trouble.push(request.url());
    });
    expect((await page.goto(agent.url + path))?.status()).toBe(200);
    await look(page);
    expect(trouble).toEqual([]);
  } finally {
    await context.close();
  }
}

function podOf(name: string): LabPod {
  const pod = pods.get(name);
  if (pod === undefined) throw new Error(`no pod ${name}`);
  return pod;
}

async function namesIn(page: Page): Promise<string[]> {
  return await page.locator('#pods tbody tr:visible th a').allTextContents();
}

describe.each([true, false])('The page of the node, with a script: %s', (javaScriptEnabled) => {
  test('lists every pod, those in trouble first, and sorts and filters', async () => {
    await visit(
      '/',
      async (page) => {
        const names = await namesIn(page);
        expect(names.toSorted()).toEqual([...pods.keys()].map((name) => `eyes/${name}`).toSorted());
        expect(new Set(names.slice(-2))).toEqual(new Set(['eyes/cni', 'eyes/fine']));
        await page.click('thead a:has-text("Pod")');
        expect(await namesIn(page)).toEqual(names.toSorted());
        await page.click('thead a:has-text("Pod")');
        expect(await namesIn(page)).toEqual(names.toSorted().toReversed());
        await page.fill('#q', 'SHAR');
        await page.press('#q', 'Enter');
        await page.waitForURL(/q=SHAR/);
        expect(await namesIn(page)).toEqual(['eyes/shared']);
        await page.click('text=Show all again');
        expect(await namesIn(page)).toHaveLength(pods.size);
        await page.selectOption('#show', 'problems');
        await page.click('button:has-text("Filter")');
        expect(await namesIn(page)).toHaveLength(pods.size - 2);
      },
      { javaScriptEnabled },
    );
  });
});

test('A square leads to the pod it is called after', async () => {
  await visit('/', async (page) => {
    const [first] = await namesIn(page);
    const square = page.locator('.map a').first();
    expect(await square.locator('title').textContent()).toContain(`${first}: `);
    await square.click();
    await page.waitForURL(new RegExp(`/pods/${first}$`));
  });
});

test('On a phone the table of namespaces and the process tree are whole', async () => {
  const viewport = { width: 390, height: 844 };
  await visit(
    '/pods/eyes/own',
    async (page) => {
      expect(await page.locator('svg.drawing').isVisible()).toBe(false);
      expect(await page.locator('[aria-label=Namespaces]:visible').count()).toBe(1);
      for (const name of ['Namespaces', 'Process tree']) {
        const box = page.locator(`[aria-label="${name}"]:visible`);
        expect({ name, cut: await box.evaluate((it) => it.scrollWidth - it.clientWidth) }).toEqual({ name, cut: 0 });
      }
    },
    { viewport },
  );
});

test('Typing filters at once where there is a script', async () => {
  await visit('/', async (page) => {
    await page.locator('#q').pressSequentially('hosti');
    expect(await namesIn(page)).toEqual(['eyes/hostile']);
    expect(await page.textContent('#shown')).toBe('1 shown');
  });
});

test('From the page of the node to the process that leaks it is one click', async () => {
  await visit('/', async (page) => {
    await page.click('article a:has-text("eyes/own")');
    await page.waitForURL(/\/pods\/eyes\/own$/);
    expect(await page.textContent('.tree')).toContain('does not reap: 2 zombies');
  });
});

describe.each(['own', 'shared', 'node', 'cni'])('The page of pod %s', (name) => {
  test('shows the processes that are there, with the PIDs they have inside', async () => {
    await visit(`/pods/eyes/${name}`, async (page) => {
      const rows = await page.$$eval('.tree tbody tr', (all) =>
        all.map((row) => [...row.querySelectorAll('td.n')].map((cell) => Number(cell.textContent))),
      );
      const pid = podOf(name).pausePid;
      expect(rows.map(([, outer]) => outer)).toContain(pid);
      for (const { pid: init } of podOf(name).containers) expect(rows.map(([, outer]) => outer)).toContain(init);
      for (const [inner, outer] of rows) {
        const nsPids = /^NSpid:\t(.*)$/m.exec(readFileSync(`/proc/${outer}/status`, 'utf8'))?.[1]?.split('\t');
        expect({ outer, inner }).toEqual({ outer, inner: Number(nsPids?.at(-1)) });
      }
    });
  });

  test('shows whose namespaces the containers are in', async () => {
    const inode = (pid: number, kind: string): string => readlinkSync(`/proc/${pid}/ns/${kind}`);
    await visit(`/pods/eyes/${name}`, async (page) => {
      await page.click('text=The namespaces as a table');
      const table = page.locator('[aria-label=Namespaces]:visible tbody tr');
      for (const row of await table.all()) {
        const kind = (await row.locator('th').textContent()) ?? '';
        const cells = await row.locator('td').allTextContents();
        const { pausePid, containers } = podOf(name);
        expect(inode(pausePid, kind)).toContain(/\d+/.exec(cells[0] ?? '')?.[0]);
        for (const [at, { pid }] of containers.entries()) {
          const isSame = inode(pid, kind) === inode(pausePid, kind);
          expect({ kind, same: ["pod's", "node's"].includes(cells[at + 2] ?? '') }).toEqual({ kind, same: isSame });
        }
      }
    });
  });
});

test('What listens is read only when asked for, with its owner', async () => {
  await visit('/pods/eyes/cni', async (page) => {
    expect(await page.locator('text=Listening and connected').count()).toBe(0);
    await page.click('a:has-text("everything")');
    await page.waitForURL(/look=network,mounts/);
    const listener = page.locator('[aria-label=Sockets] tr', { hasText: ':8080' });
    expect(await listener.first().textContent()).toMatch(/listen(busybox|nc) \(\d+\)/);
    expect(await page.textContent('[aria-label=Interfaces]')).toContain('eth0');
    expect(await page.textContent('[aria-label="Mounts of container web"]')).toContain('/etc/hosts');
  });
});

test('A process that is called like markup stays text', async () => {
  for (const path of ['/', '/pods/eyes/hostile?look=network,mounts']) {
    await visit(path, async (page) => {
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.textContent('body')).toContain('<img src=x>');
    });
  }
});

test('Every link of a page leads somewhere', async () => {
  for (const path of ['/', '/pods/eyes/own']) {
    await visit(path, async (page) => {
      const links = await page.$$eval('a[href]', (all) => [...new Set(all.map((it) => it.getAttribute('href') ?? ''))]);
      expect(links.length).toBeGreaterThan(4);
      for (const link of links) {
        if (!link.startsWith('#'))
          expect({ link, status: await agent.status(link.replace(/#.*/, '')) }).toEqual({ link, status: 200 });
      }
    });
  }
});

describe.each(['light', 'dark'] as const)('In %s colours', (colorScheme) => {
  test.each(['/', '/pods/eyes/shared?look=network,mounts', '/runbooks/zombies-app-parent'])(
    '%s is accessible, and no wider than a phone',
    async (path) => {
      await visit(
        path,
        async (page) => {
          // The debugging port may do what the policy forbids the page.
          await page.evaluate(axe.source);
          const found = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as {
            violations: { id: string; impact: string; nodes: { html: string }[] }[];
          };
          const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
          expect(serious.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
        },
        { colorScheme, viewport: { width: 390, height: 844 } },
      );
    },
  );
});

test('inspect tells the same processes as /proc, in every PID mode', async () => {
  for (const name of ['own', 'shared', 'node']) {
    const flags = ['--runtime-endpoint', lab.endpoint, '--settle', '300ms', '-o', 'json'];
    const { code, stdout } = await run(process.execPath, ['dist/pausewatch.js', 'inspect', `eyes/${name}`, ...flags]);
    expect(code).toBe(0);
    const [sandbox] = (
      JSON.parse(stdout) as { sandboxes: { processes: { pid: number; nsPid: number; ppid: number }[] }[] }
    ).sandboxes;
    expect(sandbox?.processes.length).toBeGreaterThan(3);
    for (const { pid, nsPid, ppid } of sandbox?.processes ?? []) {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      expect({ pid, nsPid, ppid }).toEqual({
        pid,
        nsPid: Number(/^NSpid:\t(.*)$/m.exec(status)?.[1]?.split('\t').at(-1)),
        ppid: Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]),
      });
    }
  }
});
