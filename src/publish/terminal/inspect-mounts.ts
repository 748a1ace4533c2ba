/** The mounts of a sandbox in a terminal: for pause and each container those that are not in every container. */

import { describeReason } from '../documents/look-words.ts';
import { describeSource, describeVolume, foldMounts } from '../documents/mount-words.ts';
import type { SandboxDocument } from '../documents/pod-document.ts';
import { visible } from '../text/clean-text.ts';
import { wrapText } from '../text/wrap.ts';
import type { Canvas } from './ink.ts';
import { drawColumns } from './inspect-columns.ts';

/** Mounts listed for each container; -o json has more. */
const MAX_MOUNTS = 24;

type MountsDocument = NonNullable<SandboxDocument['mounts']>[number];

/** Lines below the network, an empty one before each container; none unless mounts were looked at. */
export function inspectMounts({ mounts }: SandboxDocument, canvas: Canvas): string[] {
  if (mounts === null) return [];
  if (mounts.length === 0) return ['', 'The mounts could not be seen: no process is there to see them.'];
  return mounts.flatMap((it) => ['', ...renderMounts(it, canvas)]);
}

function renderMounts({ container, pid, mounts }: MountsDocument, canvas: Canvas): readonly string[] {
  const { columns, ink } = canvas;
  const whose = container === null ? 'pause' : `container ${container}`;
  if (mounts.found === null) {
    return wrapText(visible(`The mounts of ${whose} could not be seen: ${describeReason(mounts.unknown)}.`), columns);
  }
  const { list, omitted } = mounts.found;
  const { telling, usual } = foldMounts(list);
  const shown = telling.slice(0, MAX_MOUNTS);
  const folded = usual.length === 0 ? '' : `; ${usual.length} in /proc, /sys, /dev not shown`;
  const more = telling.length - shown.length + omitted;
  const rows = shown.map((it) => [
    it.point,
    it.type,
    it.readOnly ? 'ro' : 'rw',
    describeVolume(it) ?? describeSource(it),
  ]);
  return [
    ...wrapText(visible(`${whose} (PID ${pid}): ${list.length + omitted} mounts${folded}`), columns),
    ...(rows.length === 0 ? [] : drawColumns(['MOUNTED ON', 'TYPE', '', 'FROM'], rows, canvas)),
    ...(more > 0 ? [`${ink.ellipsis} ${more} more mounts`] : []),
  ];
}
