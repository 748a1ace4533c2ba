/** Reads JSON that somebody else wrote: every field by its name and type, with an error that names what is wrong. */

/** A document is not what it should be; the message names the field. */
export class DocumentError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DocumentError';
  }
}

/** One object of a document. Each method throws a DocumentError when the field is not of its type. */
export interface JsonReader {
  text(name: string): string;
  number(name: string): number;
  flag(name: string): boolean;
  /** RFC 3339, as milliseconds since the epoch. */
  time(name: string): number;
  oneOf<const W extends string>(name: string, words: readonly W[]): W;
  texts(name: string): readonly string[];
  object(name: string): JsonReader;
  list(name: string): readonly JsonReader[];
  /** null and an absent field are both undefined. */
  maybeText(name: string): string | undefined;
  maybeNumber(name: string): number | undefined;
  maybeObject(name: string): JsonReader | undefined;
  maybeList(name: string): readonly JsonReader[] | undefined;
}

/** Reads a text whose outermost value is an object. */
export function createJsonReader(text: string): JsonReader {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DocumentError('the document is not JSON', { cause });
  }
  return readerOf(value, 'the document');
}

function readerOf(value: unknown, path: string): JsonReader {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DocumentError(`${path} is not an object`);
  const fields = value as Readonly<Record<string, unknown>>;
  const at = (name: string): string => (path === 'the document' ? name : `${path}.${name}`);
  const wrong = (name: string, what: string): DocumentError => new DocumentError(`${at(name)} is not ${what}`);
  const typed = <T>(name: string, what: string, is: (it: unknown) => it is T): T => {
    const it = fields[name];
    if (!is(it)) throw wrong(name, what);
    return it;
  };
  const items = (name: string): readonly unknown[] =>
    typed(name, 'a list', (it): it is readonly unknown[] => Array.isArray(it));
  const text = (name: string): string => typed(name, 'a text', (it) => typeof it === 'string');
  const number = (name: string): number => typed(name, 'a number', (it) => typeof it === 'number');
  const isAbsent = (name: string): boolean => fields[name] === undefined || fields[name] === null;
  const object = (name: string): JsonReader => readerOf(fields[name], at(name));
  const list = (name: string): readonly JsonReader[] =>
    items(name).map((it, index) => readerOf(it, `${at(name)}[${index}]`));
  return {
    text,
    number,
    object,
    list,
    flag: (name) => typed(name, 'true or false', (it) => typeof it === 'boolean'),
    time(name) {
      const ms = Date.parse(text(name));
      if (Number.isNaN(ms)) throw wrong(name, 'a time');
      return ms;
    },
    oneOf(name, words) {
      const word = words.find((it) => it === fields[name]);
      if (word === undefined) throw wrong(name, `one of ${words.join(', ')}`);
      return word;
    },
    texts: (name) => items(name).map(String),
    maybeText: (name) => (isAbsent(name) ? undefined : text(name)),
    maybeNumber: (name) => (isAbsent(name) ? undefined : number(name)),
    maybeObject: (name) => (isAbsent(name) ? undefined : object(name)),
    maybeList: (name) => (isAbsent(name) ? undefined : list(name)),
  };
}
