/** Reads the document of one pod that another agent wrote, as far as it is drawn; what does not fit is an error that names it. */
import { createJsonReader, type JsonReader } from './json-reader.ts';
import type { PodDocument } from './pod-document.ts';

/** Reads the document; throws a DocumentError. */
export function readPodDocument(text: string): PodDocument {
  const document = createJsonReader(text);
  document.text('node');
  document.text('namespace');
  document.text('name');
  document.time('takenAt');
  for (const sandbox of document.list('sandboxes')) checkSandbox(sandbox);
  return JSON.parse(text) as PodDocument;
}

/** Every field that is drawn has the type that it is drawn as. */
function checkSandbox(sandbox: JsonReader): void {
  for (const field of ['id', 'state', 'pauseHealth']) sandbox.text(field);
  sandbox.number('attempt');
  sandbox.object('zombies').maybeNumber('count');
  sandbox.object('nodeNamespaces');
  checkNamespaces(sandbox.object('namespaces'));
  sandbox.maybeObject('pause')?.number('pid');
  sandbox.maybeObject('image')?.text('ref');
  const pids = sandbox.object('pids');
  pids.maybeNumber('current');
  pids.maybeNumber('limit');
  pids.text('limitFrom');
  for (const container of sandbox.list('containers')) {
    container.text('name');
    container.text('state');
    container.maybeNumber('pid');
  }
  for (const finding of sandbox.list('findings')) {
    for (const field of ['id', 'summary', 'remedy']) finding.text(field);
    finding.oneOf('severity', ['critical', 'warning', 'info']);
    finding.object('subject').maybeText('container');
    finding.time('since');
  }
  sandbox.list('processes').forEach(checkProcess);
  sandbox.number('processesOmitted');
  const network = sandbox.maybeObject('network')?.maybeObject('found');
  if (network !== undefined) checkNetwork(network);
  sandbox.maybeList('mounts')?.forEach(checkMounts);
}

function checkNamespaces(namespaces: JsonReader): void {
  for (const kind of ['net', 'ipc', 'uts', 'pid', 'mnt', 'cgroup', 'user']) {
    const view = namespaces.object(kind);
    view.maybeNumber('inode');
    view.texts('sharedBy');
  }
}

function checkProcess(process: JsonReader): void {
  for (const field of ['pid', 'ppid', 'threads', 'level', 'zombies', 'alikeOmitted']) process.number(field);
  for (const field of ['comm', 'state', 'reaps']) process.text(field);
  process.oneOf('role', ['pause', 'container-init', 'process']);
  process.maybeNumber('nsPid');
  process.maybeText('container');
  process.maybeObject('namespaces');
}

function checkNetwork(network: JsonReader): void {
  for (const socket of network.list('sockets')) {
    for (const end of [socket.object('local'), socket.object('remote')]) {
      end.text('address');
      end.number('port');
    }
    socket.text('protocol');
    socket.text('state');
    socket.number('uid');
    socket.texts('owners');
  }
  for (const it of network.list('interfaces')) {
    it.text('name');
    it.texts('addresses');
    for (const field of ['rxBytes', 'txBytes', 'rxDropped', 'txDropped']) it.number(field);
  }
  for (const it of network.list('routes')) {
    it.text('destination');
    it.maybeText('gateway');
    it.text('interface');
  }
  network.number('omittedSockets');
  network.texts('unixListeners');
  network.object('ownersUnknown');
  for (const it of network.list('unread')) {
    it.text('file');
    it.text('reason');
  }
}

function checkMounts(look: JsonReader): void {
  look.maybeText('container');
  look.number('pid');
  const found = look.object('mounts').maybeObject('found');
  if (found === undefined) return;
  found.number('omitted');
  for (const mount of found.list('list')) {
    for (const field of ['root', 'point', 'type', 'source']) mount.text(field);
    mount.flag('readOnly');
  }
}
