/** The network of a sandbox in a terminal: sockets, unix listeners, interfaces. */
import { shortenEnd, shortenMiddle, textWidth, visible } from './clean-text.ts';
import type { Canvas } from './ink.ts';
import { describeEnd, describeOwners, describeOwnersUnknown, describeReason, isNodeNetwork } from './look-words.ts';
import type { SandboxDocument } from './pod-document.ts';
import { padEnd, wrapText } from './wrap.ts';

/** Sockets listed; -o json has them all. */
const MAX_SOCKETS = 40;
const MAX_UNIX = 10;
const MAX_ADDRESS = 28;

/** Lines below the process tree, an empty one first; none unless the network was looked at. */
export function inspectNetwork(sandbox: SandboxDocument, canvas: Canvas): string[] {
  const { network } = sandbox;
  if (network === null) return [];
  const { columns, ink } = canvas;
  const prose = (text: string): readonly string[] => wrapText(visible(text), columns);
  if (network.found === null)
    return ['', ...prose(`The network could not be seen: ${describeReason(network.unknown)}.`)];
  const { found } = network;
  const own = isNodeNetwork(sandbox) ? found.sockets.filter(({ owners }) => owners.length > 0) : found.sockets;
  const rows = own
    .slice(0, MAX_SOCKETS)
    .map((it) => [
      it.protocol,
      describeEnd(it.local),
      describeEnd(it.remote),
      it.state.toLowerCase(),
      describeOwners(it, sandbox.processes) || `uid ${it.uid}`,
    ]);
  const more = own.length > MAX_SOCKETS ? [`${ink.ellipsis} ${own.length - MAX_SOCKETS} more sockets`] : [];
  const unix = found.unixListeners
    .slice(0, MAX_UNIX)
    .map((path) => shortenMiddle(`unix   ${visible(path)}`, columns, ink.ellipsis));
  const interfaces = found.interfaces.map((it) => [
    it.name,
    it.addresses.join(' ') || '-',
    `${it.rxBytes} in`,
    `${it.txBytes} out`,
  ]);
  const node = isNodeNetwork(sandbox)
    ? prose("The network namespace is the node's; only sockets of this pod are listed.")
    : [];
  return [
    '',
    ...node,
    ...(rows.length === 0
      ? ['No TCP or UDP socket is open.']
      : drawColumns([['', 'LOCAL', 'REMOTE', 'STATE', 'HELD BY'], ...rows], canvas)),
    ...more,
    ...(isNodeNetwork(sandbox) ? [] : unix),
    ...describeOwnersUnknown(found).flatMap(prose),
    ...found.unread.flatMap(({ file, reason }) => prose(`/proc/PID/net/${file}: ${describeReason(reason)}.`)),
    ...(isNodeNetwork(sandbox)
      ? []
      : ['', ...drawColumns([['INTERFACE', 'ADDRESSES', '', ''], ...interfaces], canvas)]),
  ];
}

function drawColumns(rows: readonly (readonly string[])[], { columns, ink }: Canvas): string[] {
  const cells = rows.map((row) => row.map((it) => shortenMiddle(visible(it), MAX_ADDRESS, ink.ellipsis)));
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => textWidth(row[at] ?? ''))));
  return cells.map((row, at) => {
    const line = shortenEnd(
      row
        .map((it, column) => padEnd(it, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
      columns,
      ink.ellipsis,
    );
    return at === 0 ? ink.dim(line) : line;
  });
}
