#!/usr/bin/env node
/** Stands in for kubectl: lists the pods of $STAND_IN/cluster.json, and really forwards TCP to their ports. */
import { appendFileSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

const directory = process.env['STAND_IN'];
const { pods, refuse, says } = JSON.parse(readFileSync(join(directory, 'cluster.json'), 'utf8'));
const log = (event) => appendFileSync(join(directory, 'log'), `${JSON.stringify({ pid: process.pid, ...event })}\n`);
const args = process.argv.slice(2);
const valueOf = (flag) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);

function fail(message) {
  process.stderr.write(`${message}\nmore that nobody reads\n`);
  process.exit(1);
}

function getPods() {
  if (refuse !== undefined) fail(refuse);
  if (valueOf('-l') !== 'app.kubernetes.io/name=pausewatch') fail('error: without the label');
  const namespace = valueOf('--namespace');
  if (namespace === undefined && !args.includes('--all-namespaces')) fail('error: neither namespace nor all');
  const items = pods
    .filter((pod) => namespace === undefined || pod.namespace === namespace)
    .map(({ name, namespace: of, node, phase, leaving }) => ({
      metadata: { name, namespace: of, ...(leaving === true ? { deletionTimestamp: '2026-11-24T07:00:00Z' } : {}) },
      spec: { nodeName: node },
      status: { phase: phase ?? 'Running' },
    }));
  process.stdout.write(JSON.stringify({ kind: 'List', items }));
}

/** The ports are the agents' own, whatever port of the pod is asked for: in a cluster each pod has an address of its own. */
function forward() {
  const name = args.find((it) => it.startsWith('pod/'))?.slice(4);
  const pod = pods.find((it) => it.name === name && it.namespace === valueOf('--namespace'));
  if (pod === undefined) fail(`Error from server (NotFound): pods "${name}" not found`);
  if (args.at(-1) !== ':10961') fail(`error: port ${args.at(-1)} is not the agents'`);
  if (pod.fails !== undefined) fail(pod.fails);
  const server = createServer((socket) => {
    const upstream = connect(pod.port, '127.0.0.1');
    for (const side of [socket, upstream]) side.on('error', () => socket.destroy() && upstream.destroy());
    if (pod.mute !== true) socket.pipe(upstream).pipe(socket);
  });
  server.listen(0, '127.0.0.1', () => {
    log({ event: 'open', pod: name });
    process.stdout.write(`${pod.greets ?? ''}Forwarding from 127.0.0.1:${server.address().port} -> 10961\n`);
  });
  process.on('SIGTERM', () => {
    log({ event: 'close', pod: name });
    process.exit(0);
  });
}

log({ event: 'run', args });
if (args.includes('get') && says !== undefined) process.stdout.write(says);
else if (args.includes('get')) getPods();
else if (args.includes('port-forward')) forward();
else fail(`error: unknown command ${args.join(' ')}`);
