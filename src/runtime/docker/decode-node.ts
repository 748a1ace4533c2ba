/** Reads what a Docker Engine stores and how it is set: GET /images/json and GET /info. */
import type { RuntimeCondition, StoredImage } from '../../core/model.ts';
import { asFields, textIn, textsIn, wholeIn } from '../json-fields.ts';

/** Stored images; undefined when the answer is no list. Docker cannot pin an image. */
export function decodeImages(answer: unknown): StoredImage[] | undefined {
  if (!Array.isArray(answer)) return undefined;
  return answer.flatMap((item): StoredImage[] => {
    const fields = asFields(item);
    const id = fields && textIn(fields, 'Id');
    if (fields === undefined || id === undefined) return [];
    const named = (name: string): string[] => textsIn(fields, name).filter((it) => !it.includes('<none>'));
    const sizeBytes = wholeIn(fields, 'Size') ?? 0;
    return [{ id, tags: named('RepoTags'), digests: named('RepoDigests'), sizeBytes, pinned: false }];
  });
}

/** Whether pods outlive a restart of dockerd, in the form in which CRI tells of a runtime's state. */
export function decodeInfo(answer: unknown): RuntimeCondition[] {
  const enabled = asFields(answer)?.['LiveRestoreEnabled'];
  if (typeof enabled !== 'boolean') return [];
  const message = enabled ? '' : 'A restart of dockerd ends every pod of this node.';
  return [{ type: 'LiveRestoreEnabled', status: enabled, reason: '', message }];
}
