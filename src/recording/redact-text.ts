/** What redaction leaves of texts that are more than a name: paths, process names, versions, messages. */
import { RUNTIME_COMM } from '../core/zombies.ts';
import type { Names } from './names.ts';
import { KEPT_COMMS, MESSAGE_WORDS, PATH_WORDS } from './words.ts';

/** An id of a container, the UID of a pod (with "_" in systemd's names), what marks conmon's cgroup, what joins words. */
const PARTS = /([0-9a-f]{64}|[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|conmon|[-_.:@]+)/;
const UID = /^[0-9a-f]{8}[-_]/;

/** One segment of a path, or an id: words of the field, ids and what joins them stay; UIDs and all else are hashed. */
export function redactWords(segment: string, names: Names): string {
  return segment
    .split(PARTS)
    .map((part, index) => {
      if (index % 2 === 1) return UID.test(part) ? names.letters(part.replaceAll('_', '-')) : part;
      return redactWord(part, names);
    })
    .join('');
}

/** "pod" before the UID of a static pod, which has no dashes, stays as it does before any other. */
function redactWord(word: string, names: Names): string {
  if (word === '' || PATH_WORDS.has(word)) return word;
  const ofPod = /^pod(?=[0-9a-f]{32}$)/.exec(word)?.[0] ?? '';
  return ofPod + names.letters(word.slice(ofPod.length));
}

/** A path (of a cgroup, a program, a socket) keeps its depth, the words of the field and the ids of containers. */
export function redactPath(path: string, names: Names): string {
  const scheme = /^unix:\/\//.exec(path)?.[0] ?? '';
  const deleted = path.endsWith(' (deleted)') ? ' (deleted)' : '';
  const bare = path.slice(scheme.length, path.length - deleted.length);
  const redacted = bare.split('/').map((segment) => redactWords(segment, names));
  return scheme + redacted.join('/') + deleted;
}

/** Programs that start containers, pause, the kubelet and usual inits keep their names: verdicts rest on them. */
export function redactComm(comm: string, names: Names): string {
  if (KEPT_COMMS.has(comm)) return comm;
  const runtime = RUNTIME_COMM.exec(comm)?.[0];
  return runtime === undefined ? names.of('proc', comm) : runtime + redactWords(comm.slice(runtime.length), names);
}

/** The numbers a version begins with. */
export function redactVersion(version: string, names: Names): string {
  return /^v?\d+(?:\.\d+)*/.exec(version)?.[0] ?? names.of('text', version);
}

/**
 * A sentence keeps the words of our own sentences, paths and names in their hashed form; everything else (what a runtime
 * answered may hold anything) becomes "…".
 */
export function redactMessage(message: string, names: Names): string {
  return message
    .split(/([\s"'`(),;[\]{}<>=]+)/)
    .map((part, index) => (index % 2 === 1 ? part : redactToken(part, names)))
    .join('')
    .replaceAll(/\u2026(?:[\s"'`(),;[\]{}<>=]*\u2026)+/g, '…');
}

function redactToken(token: string, names: Names): string {
  const [, word = '', end = ''] = /^(.*?)([.:!?]*)$/s.exec(token) ?? [];
  if (word === '') return token;
  const name = names.known(word);
  if (name !== undefined) return name + end;
  if (MESSAGE_WORDS.has(word) || MESSAGE_WORDS.has(word.toLowerCase())) return word + end;
  if (/^(?:unix:\/\/)?\//.test(word)) return redactPath(word, names) + end;
  const parts = word.split('/').map((part) => names.known(part));
  return (parts.length > 1 && !parts.includes(undefined) ? parts.join('/') : '…') + end;
}
