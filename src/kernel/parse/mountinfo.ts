/** Parses /proc/PID/mountinfo (proc_pid_mountinfo(5)): what a process sees mounted, in the order of mounting. */
import type { MountFacts } from '../../core/pod-look.ts';

/** Ids, device, root, mount point, options; then optional fields up to a lone dash; type, source, super options. */
const LINE = /^(\d+) (\d+) \d+:\d+ (\S+) (\S+) (\S+)(?: [^\s-]\S*)* - (\S+) (\S*) (\S+)$/;

/** Parses the whole text; what does not look like a mount is left out. */
export function parseMountinfo(text: string): MountFacts[] {
  return text.split('\n').flatMap((line): MountFacts[] => {
    const match = LINE.exec(line);
    if (match === null) return [];
    const [, id, parentId, root = '', point = '', options = '', type = '', source = '', superOptions = ''] = match;
    const readOnly = [options, superOptions].some((list) => list.split(',').includes('ro'));
    return [
      {
        id: Number(id),
        parentId: Number(parentId),
        root: unescapeOctal(root),
        point: unescapeOctal(point),
        type,
        source: unescapeOctal(source),
        readOnly,
        options,
      },
    ];
  });
}

/** Space, tab, newline and backslash are written as "\040"; bytes of UTF-8 stand as they are. */
function unescapeOctal(text: string): string {
  const bytes = text.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
