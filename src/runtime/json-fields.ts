/** Looks into JSON that came from outside, field by field; a field of another type than expected is absent. */

/** An object of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object; undefined for anything else, arrays among it. */
export function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** An object in a field; empty when there is none. */
export function fieldsIn(fields: Fields, name: string): Fields {
  return asFields(fields[name]) ?? {};
}

/** A text in a field; undefined when there is none or it is empty. */
export function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A whole number in a field that a double holds exactly. */
export function wholeIn(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** True or false in a field. */
export function flagIn(fields: Fields, name: string): boolean | undefined {
  const value = fields[name];
  return typeof value === 'boolean' ? value : undefined;
}

/** The texts of a list in a field; empty when there is none. */
export function textsIn(fields: Fields, name: string): string[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((it): it is string => typeof it === 'string') : [];
}
