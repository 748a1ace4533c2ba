/** What the page at `/` costs for a thousand sandboxes: `npx tsx test/bench/page.ts`. */
import { gzipSync } from 'node:zlib';
import { renderLandingPage } from '../../src/publish/page/page.ts';
import { crowdedNode } from '../publish/crowded-node.ts';

const ROUNDS = 20;
const OPTIONS = { stale: false, telemetryPath: '/metrics', runbookBase: '/runbooks', version: 'bench' };

for (const [pods, share] of [
  [5, 0.2],
  [110, 0.1],
  [1000, 0],
  [1000, 0.1],
  [1000, 1],
] as const) {
  const report = crowdedNode(pods, share);
  const page = renderLandingPage(report, OPTIONS);
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) renderLandingPage(report, OPTIONS);
  const { user, system } = process.cpuUsage(before);
  const kib = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`;
  const cpuMs = ((user + system) / 1000 / ROUNDS).toFixed(1);
  const sizes = `${kib(Buffer.byteLength(page))}, ${kib(gzipSync(page).length)} compressed`;
  console.log(`${pods} pods, ${Math.round(pods * share)} in trouble: ${cpuMs} ms CPU, ${sizes}`);
}
