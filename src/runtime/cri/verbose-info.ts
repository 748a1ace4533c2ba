/** The JSON that CRI runtimes put into the `info` of a verbose answer. */
import { asFields, type Fields } from '../json-fields.ts';

/** Takes one value apart. An absent text is an empty object: without verbose parts there is nothing to misunderstand. */
export function parseInfo(json: string | undefined): { readonly fields: Fields } | { readonly problem: string } {
  if (json === undefined) return { fields: {} };
  try {
    const fields = asFields(JSON.parse(json));
    return fields === undefined ? { problem: 'verbose info is not an object' } : { fields };
  } catch {
    // The JavaScript engine's message quotes the text, in which the environments of containers stand.
    return { problem: 'verbose info is not JSON' };
  }
}
