/** What one audit's publication holds on to: bodies that are asked for again, and never more than it may. */
import { expect, test } from 'vitest';
import { crowdedNode } from './crowded-node.ts';
import { ask, publicationOf, site } from './site-builder.ts';

const MAX_BYTES = 8 * 1024 * 1024;

test('However many questions there are, the answers that are kept take 8 MiB at most, zipped ones included', async () => {
  const at = site({ publication: await publicationOf(crowdedNode(250, 0.3)) });
  const everyTeam = Array.from({ length: 17 }, (_, team) => `namespace=team-${team}-production`).join('&');
  // Each selects the whole document, and is another question.
  const urls = Array.from({ length: 20 }, (_, i) => `/sandboxes?${everyTeam}&namespace=nobody-${i}`);
  for (const url of urls) ask(url, {}, {}, at);
  const zipped = { 'accept-encoding': 'gzip' };
  let [bytes, kept] = [0, 0];
  for (const url of urls) {
    const [plain, again, packed] = [ask(url, {}, {}, at), ask(url, {}, {}, at), ask(url, zipped, {}, at)];
    expect(plain.status).toBe(200);
    if (plain.body !== again.body) continue;
    kept++;
    bytes += plain.body.length + packed.body.length;
  }
  expect(kept).toBeGreaterThan(3);
  expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
});

test('What is asked for again and again is made once: also on a node of 1000 pods', async () => {
  const at = site({ publication: await publicationOf(crowdedNode(1000, 0.3)) });
  for (const url of ['/metrics', '/sandboxes', '/findings', '/'])
    expect(ask(url, {}, {}, at).body).toBe(ask(url, {}, {}, at).body);
});
