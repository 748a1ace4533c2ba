/** The network of a sandbox in a terminal: sockets, unix listeners, interfaces, routes. */
import type { NetworkLook } from '../../core/pod-look.ts';
import {
  describeAddresses,
  describeEnd,
  describeOwners,
  describeOwnersUnknown,
  describeReason,
  isNodeNetwork,
} from '../documents/look-words.ts';
import type { SandboxDocument } from '../documents/pod-document.ts';
import { shortenMiddle, visible } from '../text/clean-text.ts';
import { wrapText } from '../text/wrap.ts';
import type { Canvas } from './ink.ts';
import { drawColumns } from './inspect-columns.ts';

/** Sockets listed; -o json has them all. */
const MAX_SOCKETS = 40;
const MAX_UNIX = 10;
const MAX_ROUTES = 10;

/** Lines below the process tree, an empty one first; none unless the network was looked at. */
export function inspectNetwork(sandbox: SandboxDocument, canvas: Canvas): string[] {
  const { network } = sandbox;
  if (network === null) return [];
  const { columns, ink } = canvas;
  const prose = (text: string): readonly string[] => wrapText(visible(text), columns);
  if (network.found === null)
    return ['', ...prose(`The network could not be seen: ${describeReason(network.unknown)}.`)];
  const { found } = network;
  const isNode = isNodeNetwork(sandbox);
  const own = isNode ? found.sockets.filter(({ owners }) => owners.length > 0) : found.sockets;
  const rows = own
    .slice(0, MAX_SOCKETS)
    .map((it) => [
      it.protocol,
      describeEnd(it.local),
      describeEnd(it.remote),
      it.state.toLowerCase(),
      describeOwners(it, sandbox.processes) || `uid ${it.uid}`,
    ]);
  const unlisted = Math.max(0, own.length - MAX_SOCKETS) + (isNode ? 0 : found.omittedSockets);
  return [
    '',
    ...(isNode ? prose("The network namespace is the node's; only sockets of this pod are listed.") : []),
    ...(rows.length === 0
      ? ['No TCP or UDP socket is open.']
      : drawColumns(['', 'LOCAL', 'REMOTE', 'STATE', 'HELD BY'], rows, canvas)),
    ...(unlisted > 0 ? [`${ink.ellipsis} ${unlisted} more sockets`] : []),
    ...(isNode ? [] : renderUnixListeners(found, canvas)),
    ...describeOwnersUnknown(found).flatMap(prose),
    ...found.unread.flatMap(({ file, reason }) => prose(`/proc/PID/net/${file}: ${describeReason(reason)}.`)),
    ...(isNode ? [] : renderInterfaces(found, canvas)),
  ];
}

function renderUnixListeners({ unixListeners }: NetworkLook, { columns, ink }: Canvas): string[] {
  const more = unixListeners.length - MAX_UNIX;
  return [
    ...unixListeners.slice(0, MAX_UNIX).map((path) => shortenMiddle(`unix   ${visible(path)}`, columns, ink.ellipsis)),
    ...(more > 0 ? [`${ink.ellipsis} ${more} more unix sockets listen`] : []),
  ];
}

function renderInterfaces({ interfaces, routes }: NetworkLook, canvas: Canvas): string[] {
  const rows = interfaces.map((it) => [
    it.name,
    describeAddresses(it).join(' ') || '-',
    ...[it.rxBytes, it.txBytes, it.rxDropped + it.txDropped].map(String),
  ]);
  const ways = routes
    .slice(0, MAX_ROUTES)
    .map(({ destination, gateway, interface: name }) => [destination, gateway ?? 'on the link', name]);
  const more = routes.length - MAX_ROUTES;
  return [
    '',
    ...drawColumns(['INTERFACE', 'ADDRESSES', 'BYTES IN', 'BYTES OUT', 'DROPPED'], rows, canvas),
    ...(ways.length === 0 ? [] : ['', ...drawColumns(['ROUTE TO', 'VIA', 'INTERFACE'], ways, canvas)]),
    ...(more > 0 ? [`${canvas.ink.ellipsis} ${more} more routes`] : []),
  ];
}
