/** What a closer look found, as parts of a page: sockets, interfaces, routes, mounts. */
import type { MountFacts, NetworkLook } from '../../core/pod-look.ts';
import {
  describeAddresses,
  describeEnd,
  describeOwners,
  describeOwnersUnknown,
  describeReason,
  isNodeNetwork,
} from '../documents/look-words.ts';
import { describeSource, describeVolume, foldMounts } from '../documents/mount-words.ts';
import type { SandboxDocument } from '../documents/pod-document.ts';
import { escapeHtml } from '../text/clean-text.ts';

/** Sockets, interfaces and routes; empty unless they were asked for. */
export function renderNetwork(sandbox: SandboxDocument): string {
  const { network } = sandbox;
  if (network === null) return '';
  if (network.found === null) return `<h3>Network</h3>${notSeen('network', describeReason(network.unknown))}`;
  const { found } = network;
  const node = isNodeNetwork(sandbox)
    ? '<p class="notice">This is the network namespace of the node: what follows is the whole node’s. Sockets of this pod come first.</p>'
    : '';
  const notes = [
    ...found.unread.map(({ file, reason }) => `/proc/PID/net/${file}: ${describeReason(reason)}.`),
    ...describeOwnersUnknown(found),
  ].map((it) => `<p class="dim">${escapeHtml(it)}</p>`);
  return `<h3>Listening and connected</h3>${node}${renderSockets(found, sandbox)}${notes.join('')}
<h3>Interfaces</h3>${renderInterfaces(found)}`;
}

function notSeen(what: string, why: string): string {
  return `<p class="notice">The ${what} could not be seen: ${escapeHtml(why)}.</p>`;
}

function renderSockets(found: NetworkLook, { processes }: SandboxDocument): string {
  const rows = found.sockets.map((socket) => {
    const { protocol, local, remote, state, uid } = socket;
    const cells = [
      protocol,
      describeEnd(local),
      describeEnd(remote),
      state.toLowerCase(),
      describeOwners(socket, processes) || `uid ${uid}`,
    ];
    return `<tr>${cells.map((it) => `<td>${escapeHtml(it)}</td>`).join('')}</tr>`;
  });
  const more = found.omittedSockets > 0 ? `<p class="dim">… ${found.omittedSockets} more sockets.</p>` : '';
  const unix = found.unixListeners.map((path) => `<li class="id">${escapeHtml(path)}</li>`).join('');
  const listed =
    rows.length === 0
      ? '<p class="dim">No TCP or UDP socket is open.</p>'
      : table('Sockets', ['', 'Local', 'Remote', 'State', 'Held by'], rows) + more;
  return (
    listed +
    (unix === ''
      ? ''
      : `<details><summary>${found.unixListeners.length} unix sockets listen</summary><ul>${unix}</ul></details>`)
  );
}

function renderInterfaces({ interfaces, routes }: NetworkLook): string {
  const rows = interfaces.map((it) => {
    const { name, rxBytes, txBytes, rxDropped, txDropped } = it;
    const dropped = rxDropped + txDropped;
    return `<tr><th scope="row">${escapeHtml(name)}</th><td>${describeAddresses(it).map(escapeHtml).join('<br>')}</td><td class="n">${rxBytes}</td><td class="n">${txBytes}</td><td class="n">${dropped}</td></tr>`;
  });
  const ways = routes.map(
    ({ destination, gateway, interface: name }) =>
      `<tr><td>${destination}</td><td>${gateway ?? 'on the link'}</td><td>${escapeHtml(name)}</td></tr>`,
  );
  return `<div class="two">${table('Interfaces', ['Name', 'Addresses', 'Bytes in', 'Bytes out', 'Dropped'], rows)}${table('Routes', ['To', 'Via', 'Interface'], ways)}</div>`;
}

/** The mounts of pause and each container; empty unless they were asked for. */
export function renderMounts({ mounts }: SandboxDocument): string {
  if (mounts === null) return '';
  if (mounts.length === 0) return `<h3>Mounts</h3>${notSeen('mounts', 'no process is there to see them')}`;
  const opened = mounts.find(({ container }) => container !== null);
  const parts = mounts.map((it) => {
    const { container, pid, mounts: its } = it;
    const whose = container === null ? 'pause' : `container ${container}`;
    if (its.found === null) return notSeen(`mounts of ${whose}`, describeReason(its.unknown));
    const { list, omitted } = its.found;
    const more = omitted > 0 ? `<p class="dim">… ${omitted} more.</p>` : '';
    return `<details${it === opened ? ' open' : ''}><summary>${escapeHtml(whose)} (PID ${pid}): ${list.length + omitted} mounts</summary>${renderMountList(list, whose)}${more}</details>`;
  });
  return `<h3>Mounts</h3>${parts.join('\n')}`;
}

/** What every container has comes last, and only when somebody opens it. */
function renderMountList(list: readonly MountFacts[], whose: string): string {
  const { telling, usual } = foldMounts(list);
  const own = renderMountTable(telling, `Mounts of ${whose}`);
  return usual.length === 0
    ? own
    : `${own}<details><summary>the ${usual.length} usual ones below /proc, /sys and /dev</summary>${renderMountTable(usual, `Usual mounts of ${whose}`)}</details>`;
}

function renderMountTable(list: readonly MountFacts[], name: string): string {
  const rows = list.map((mount) => {
    const { point, type, readOnly } = mount;
    const volume = describeVolume(mount);
    const from = (volume === undefined ? '' : `${volume}: `) + describeSource(mount);
    return `<tr><th scope="row" class="id">${escapeHtml(point)}</th><td>${escapeHtml(type)}</td><td>${readOnly ? 'ro' : 'rw'}</td><td class="id">${escapeHtml(from)}</td></tr>`;
  });
  return table(name, ['On', 'Type', '', 'From'], rows);
}

/** `name` may hold what the node says. */
function table(name: string, heads: readonly string[], rows: readonly string[]): string {
  const head = heads.map((it) => (it === '' ? '<td></td>' : `<th scope="col">${it}</th>`)).join('');
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(name)}"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}
