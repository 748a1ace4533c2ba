/** Reads the policy file (YAML), or lists every mistake in it with its line. */
import { readFileSync, statSync } from 'node:fs';
import { isMap, isScalar, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { CATALOG } from '../core/catalog/catalog.ts';
import { DEFAULT_POLICY, type FindingPolicy, type Policy } from '../core/policy.ts';
import { FINDING_KEYS, fileName, POLICY_KEYS } from './policy-keys.ts';
import type { Reader, Reading } from './readers.ts';

/** A policy, or sentences about the mistakes in the file, by line. */
export type PolicyReading = { readonly value: Policy } | { readonly mistakes: readonly string[] };

/** A policy of every key has four thousand; a device or a pipe has no end. */
const MAX_FILE_BYTES = 1024 * 1024;

/** Reads the file of that path as a whole policy: what it does not name is as in DEFAULT_POLICY. */
export const policyFile: Reader<Policy> = (path) => {
  let text: string;
  try {
    const file = statSync(path);
    if (!file.isFile() || file.size > MAX_FILE_BYTES)
      return { mistake: `names "${path}", which is no file of at most 1 MiB` };
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { mistake: `names "${path}", which cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
  const reading = readPolicy(text);
  return 'value' in reading ? reading : { mistakes: reading.mistakes.map((mistake) => `${path}, ${mistake}`) };
};

/** Reads the text of a policy file. */
export function readPolicy(text: string): PolicyReading {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const found: { at: number; mistake: string }[] = [];
  const note: Note = (at, mistake) => void found.push({ at, mistake });
  for (const { pos, message } of [...document.errors, ...document.warnings]) note(pos[0], message);
  const root = document.contents;
  let policy = DEFAULT_POLICY;
  if (isMap(root)) policy = readRoot(root, note);
  else if (root !== null && !(isScalar(root) && root.value === null)) note(0, 'must be a list of "key: value" lines');
  if (found.length === 0) return { value: policy };
  const ordered = found.toSorted((a, b) => a.at - b.at);
  return { mistakes: ordered.map(({ at, mistake }) => `line ${Math.max(1, lines.linePos(at).line)}: ${mistake}`) };
}

type Note = (at: number, mistake: string) => void;
type KeyTable = Readonly<Record<string, { readonly read: (value: unknown) => Reading<unknown> }>>;

function readRoot(root: YAMLMap, note: Note): Policy {
  const findings = root.items.find((pair) => nameOf(pair) === 'findings');
  const others = root.items.filter((pair) => pair !== findings);
  const values = readKeys(others, POLICY_KEYS, note);
  return { ...DEFAULT_POLICY, ...values, findings: findings === undefined ? {} : readFindings(findings, note) };
}

/** Reads every pair by the table; what is no key of it is a mistake. */
function readKeys(pairs: readonly Pair[], keys: KeyTable, note: Note): object {
  const keyOf = new Map(Object.keys(keys).map((key) => [fileName(key), key]));
  const values: Record<string, unknown> = {};
  for (const pair of pairs) {
    const name = nameOf(pair);
    const key = keyOf.get(name);
    const it = key === undefined ? undefined : keys[key];
    if (key === undefined || it === undefined) {
      note(placeOf(pair), `unknown key "${name}"${closest(name, [...keyOf.keys()])}`);
      continue;
    }
    const reading = it.read(plain(pair.value));
    if ('value' in reading) values[key] = reading.value;
    else note(placeOf(pair), `${name} ${'mistake' in reading ? reading.mistake : reading.mistakes.join('; ')}`);
  }
  return values;
}

/** What says no more than the catalog does is left out, so that a file that repeats the defaults is the default policy. */
function readFindings(pair: Pair, note: Note): Policy['findings'] {
  const findings: Record<string, FindingPolicy> = {};
  if (!isMap(pair.value)) {
    note(placeOf(pair), 'findings must hold ids of findings, each with its own keys');
    return findings;
  }
  for (const entry of pair.value.items) {
    const id = nameOf(entry);
    const known = CATALOG.find((it) => it.id === id);
    if (known === undefined) {
      note(
        placeOf(entry),
        `unknown finding "${id}"${closest(
          id,
          CATALOG.map((it) => it.id),
        )}`,
      );
    } else if (!isMap(entry.value)) {
      note(placeOf(entry), `${id} must hold keys (${Object.keys(FINDING_KEYS).map(fileName).join(', ')})`);
    } else {
      const told = readKeys(entry.value.items, FINDING_KEYS, note) as Partial<FindingPolicy>;
      const standard: FindingPolicy = { enabled: true, looks: known.looks, confirmAfterMs: known.confirmAfterMs };
      const changed = Object.entries(told).filter(([key, value]) => standard[key as keyof FindingPolicy] !== value);
      if (changed.length > 0) findings[id] = { enabled: true, ...Object.fromEntries(changed) };
    }
  }
  return findings;
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function placeOf({ key }: Pair): number {
  return (isScalar(key) ? key.range?.[0] : undefined) ?? 0;
}

/** A node of YAML as plain data. */
function plain(node: unknown): unknown {
  return isScalar(node) ? node.value : (node as { toJSON?: () => unknown } | null)?.toJSON?.();
}

/** A key that was most likely meant. */
function closest(name: string, known: readonly string[]): string {
  const bare = (it: string): string => it.toLowerCase().replaceAll(/[^a-z]/g, '');
  const meant = known.find((it) => bare(it) === bare(name) || (name.length > 4 && bare(it).startsWith(bare(name))));
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}
