/** How one value of a snapshot is read from JSON, and what redaction leaves of it: both in one line per field. */
import type { FaultCode, Known } from '../core/model.ts';
import { FAULT_CODES } from '../core/model.ts';
import type { Names } from './names.ts';

/** A value of a recording is not what it should be; the message names its place. */
export class RecordingError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RecordingError';
  }
}

/** Reads and redacts values of one type. */
export interface Codec<T> {
  /** Takes what JSON.parse gave (undefined: nothing was there); throws a RecordingError that names `place`. */
  readonly read: (value: unknown, place: string) => T;
  /** The value as a redacted recording holds it. */
  readonly redact: (value: T, names: Names) => T;
}

/** A codec for every field: a field of the model that is forgotten here is a type error. */
type Fields<T> = { readonly [K in keyof T]-?: Codec<T[K]> };

/** Values whose redacted form is themselves: numbers, flags, words of closed sets. */
function open<T>(what: string, is: (value: unknown) => value is T): Codec<T> {
  return { read: (value, place) => (is(value) ? value : fail(place, what, value)), redact: (value) => value };
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
/** The last moment a calendar has, in milliseconds from the epoch (ECMA-262, time values). */
const LAST_MOMENT_MS = 8.64e15;

/** Counts and sizes. */
export const amount = open('a number of at least 0', (it): it is number => isNumber(it) && it >= 0);
/** PIDs, inodes, ids of users. */
export const whole = open(
  'a whole number of at least 0',
  (it): it is number => isNumber(it) && Number.isSafeInteger(it) && it >= 0,
);
/** A whole number of either sign. */
export const integer = open('a whole number', (it): it is number => isNumber(it) && Number.isSafeInteger(it));
/** Milliseconds since the epoch. */
export const moment = open(
  'a time in milliseconds since 1970',
  (it): it is number => isNumber(it) && Math.abs(it) <= LAST_MOMENT_MS,
);
export const flag = open('true or false', (it): it is boolean => typeof it === 'boolean');

/** A word of a closed set. */
export function oneOf<const W extends string>(words: readonly W[]): Codec<W> {
  return open(`one of ${words.join(', ')}`, (it): it is W => words.some((word) => word === it));
}

/** A text. There is no default for its redaction: each one says what may stay of it. */
export function text(redact: (value: string, names: Names) => string): Codec<string> {
  return { read: (value, place) => (typeof value === 'string' ? value : fail(place, 'a text', value)), redact };
}

/** A fact that may be absent: null, a field that is left out and one that an older version did not know are undefined. */
export function maybe<T>(codec: Codec<T>): Codec<T | undefined> {
  return orElse<T | undefined>(codec as Codec<T | undefined>, undefined);
}

/** A field that older recordings do not have; `fallback` must mean "unknown", never "fine". */
export function orElse<T>(codec: Codec<T>, fallback: T): Codec<T> {
  return {
    read: (value, place) => (value === undefined || value === null ? fallback : codec.read(value, place)),
    redact: (value, names) => (value === undefined ? value : codec.redact(value, names)),
  };
}

/** A list. */
export function list<T>(codec: Codec<T>): Codec<readonly T[]> {
  return {
    read: (value, place) =>
      Array.isArray(value)
        ? value.map((it: unknown, index) => codec.read(it, `${place}[${index}]`))
        : fail(place, 'a list', value),
    redact: (values, names) => values.map((it) => codec.redact(it, names)),
  };
}

/** An object with the fields of `T`; others, which a newer version may have written, are left out. */
export function object<T>(fields: Fields<T>): Codec<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return {
    read(value, place) {
      const given = asObject(value, place);
      const result: Partial<T> = {};
      for (const name of names) {
        result[name] = fields[name].read(Object.hasOwn(given, name) ? given[name] : undefined, join(place, name));
      }
      return result as T;
    },
    redact(value, hashed) {
      const result: Partial<T> = {};
      for (const name of names) result[name] = fields[name].redact(value[name], hashed);
      return result as T;
    },
  };
}

/** One of several objects, told apart by their `kind`. */
export function byKind<T extends { readonly kind: string }>(
  kinds: {
    readonly [K in T['kind']]: Codec<Extract<T, { readonly kind: K }>>;
  },
): Codec<T> {
  const codecs = new Map(Object.entries(kinds) as [string, Codec<T>][]);
  const kind = oneOf([...codecs.keys()]);
  const codecOf = (name: string): Codec<T> => codecs.get(name) ?? fail('kind', 'known', name);
  return {
    read: (value, place) => codecOf(kind.read(asObject(value, place)['kind'], join(place, 'kind'))).read(value, place),
    redact: (value, names) => codecOf(value.kind).redact(value, names),
  };
}

/** A fact or the reason why it is missing. */
export function known<T>(codec: Codec<T>): Codec<Known<T>> {
  const reason: Codec<FaultCode> = oneOf(FAULT_CODES);
  return {
    read(value, place) {
      const given = asObject(value, place);
      if (Object.hasOwn(given, 'unknown')) return { unknown: reason.read(given['unknown'], join(place, 'unknown')) };
      return { value: codec.read(given['value'], join(place, 'value')) };
    },
    redact: (fact, names) => ('value' in fact ? { value: codec.redact(fact.value, names) } : fact),
  };
}

/**
 * A dictionary whose keys come from the node. It has no prototype: a key "constructor" or "__proto__" finds what the
 * file says or nothing.
 */
export function dictionary<T>(keys: Codec<string>, values: Codec<T>): Codec<Readonly<Record<string, T>>> {
  const empty = (): Record<string, T> => Object.create(null) as Record<string, T>;
  return {
    read(value, place) {
      const result = empty();
      for (const [key, it] of Object.entries(asObject(value, place))) {
        result[key] = values.read(it, `${place}[${JSON.stringify(shorten(key))}]`);
      }
      return result;
    },
    redact(value, names) {
      const result = empty();
      for (const [key, it] of Object.entries(value)) result[keys.redact(key, names)] = values.redact(it, names);
      return result;
    },
  };
}

/** The value as an object of JSON, whose fields are its own. */
export function asObject(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(place, 'an object', value);
  return value as Readonly<Record<string, unknown>>;
}

function join(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`;
}

function fail(place: string, what: string, value: unknown): never {
  const where = place === '' ? 'the recording' : place;
  throw new RecordingError(`${where} is not ${what} but ${describe(value)}`);
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return shorten(JSON.stringify(value));
}

function shorten(value: string): string {
  return value.length > 80 ? `${value.slice(0, 79)}…` : value;
}
