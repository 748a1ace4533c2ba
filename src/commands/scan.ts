/** `pausewatch scan`: the verdicts on this node, or those of a running agent, printed once or again and again. */
import { basename } from 'node:path';
import type { Config } from '../config/parse.ts';
import { isAtLeast } from '../core/finding.ts';
import type { AuditReport } from '../core/report.ts';
import { atLeast, narrowToNamespaces } from '../publish/pods/narrow.ts';
import { isFinished } from '../publish/pods/pods.ts';
import { listBlindSpots } from '../publish/pods/summary.ts';
import { renderJunit } from '../publish/terminal/junit.ts';
import { renderLine, renderTable } from '../publish/terminal/table.ts';
import { asciiOnly } from '../publish/text/clean-text.ts';
import type { Screen } from '../screen/screen.ts';
import { createScanner, type Scanned } from './scanner.ts';
import { watch } from './watch.ts';

/** Where the result goes. */
export interface ScanTerminal {
  /** stdout carries the result alone. */
  readonly write: (text: string) => void;
  /** A message for a person, on stderr. */
  readonly say: (message: string) => void;
  /** Width now: a window may be drawn larger. */
  readonly columns: () => number;
  readonly colour: boolean;
  /** No sign beyond ASCII. */
  readonly ascii: boolean;
  /** Takes the whole window to draw in; undefined where stdout is no terminal. */
  readonly openScreen: (() => Screen) | undefined;
  /** Fires when a person has seen enough. */
  readonly stopped: AbortSignal;
}

/** Namespaces named when one that was asked for has no pod here. */
const MAX_NAMESPACES = 10;

/** Scans and prints. The exit code: 0 fine, 1 findings at or above the bar, 2 could not look. Rejects with an AgentError or a RecordingFileError. */
export async function scan(config: Config, terminal: ScanTerminal): Promise<number> {
  const scanner = createScanner(config);
  try {
    if (config.watch) return await watch({ config, terminal, scanner, show, exitCode, complain });
    const scanned = await scanner.next();
    terminal.write(await show(scanned, config, terminal));
    complain(scanned.report, config, terminal);
    return exitCode(scanned.report, config);
  } finally {
    scanner.close();
  }
}

/** The result in the form asked for. */
async function show(scanned: Scanned, config: Config, { columns, colour, ascii }: ScanTerminal): Promise<string> {
  const { all, namespaces, severity, output } = config;
  const recording = config.recording === undefined ? undefined : basename(config.recording);
  const report = narrowToNamespaces(scanned.report, namespaces);
  const forPeople = (text: string): string => (ascii ? asciiOnly(text) : text);
  switch (output) {
    case 'table':
      return forPeople(
        renderTable(report, { columns: columns(), colour, ascii, all, severity, recording, explain: scanned.explain }),
      );
    case 'json':
      return await scanned.json();
    case 'line':
      return forPeople(renderLine(report, severity));
    case 'prometheus':
      return await scanned.metrics();
    case 'junit': {
      const { failOn } = config;
      const facts = {
        failOn,
        severity,
        podsOnly: namespaces.length > 0,
        couldNotLook: whyBlind(scanned.report, config),
      };
      return renderJunit(report, { ...facts, explain: scanned.explain });
    }
    default:
      return output satisfies never;
  }
}

/** Says on stderr what could not be judged, whatever the form of the result. */
function complain(whole: AuditReport, config: Config, { say }: ScanTerminal): void {
  const there = new Set(whole.sandboxes.map(({ namespace }) => namespace));
  const empty = config.namespaces.filter((namespace) => !there.has(namespace));
  if (empty.length > 0) {
    const others = [...there].toSorted().slice(0, MAX_NAMESPACES).join(', ') || 'no namespace';
    say(`no pod of namespace ${empty.join(', ')} is on this node; there are pods of ${others}`);
  }
  if (whole.complete || (config.namespaces.length > 0 && empty.length === config.namespaces.length)) return;
  const open = narrowToNamespaces(whole, config.namespaces).sandboxes.filter((sandbox) => !isFinished(sandbox));
  const judged = open.filter(({ unjudged }) => unjudged.length === 0).length;
  const blind = [...listBlindSpots(whole), ...listUntold(whole)].join('; ');
  const what = blind === '' ? 'node and images could not be judged in full' : `could not see ${blind}`;
  say(`judged ${judged} of ${open.length} sandboxes; ${what}`);
}

/** What no source hides, and one look cannot tell. */
function listUntold({ nodeView, sources }: AuditReport): string[] {
  const seesProcesses = sources.some(({ source, up }) => source === 'procfs' && up);
  return seesProcesses && nodeView.zombies === undefined ? ['zombies, which takes two looks'] : [];
}

/** Counts what is shown: a finding that a filter hides does not fail a script that did not ask for it. */
function exitCode(whole: AuditReport, { failOn, strict, namespaces, severity }: Config): number {
  if (whyBlind(whole, { strict }) !== undefined) return 2;
  if (failOn === 'never') return 0;
  const shown = atLeast(narrowToNamespaces(whole, namespaces).findings, severity);
  return shown.some((finding) => isAtLeast(finding.severity, failOn)) ? 1 : 0;
}

/** Why no verdict would be one; undefined when there is a view of the node to judge. */
function whyBlind(whole: AuditReport, { strict }: Pick<Config, 'strict'>): string | undefined {
  const messages = whole.sources.flatMap(({ faults }) => faults.map(({ message }) => message));
  const reasons = messages.length === 0 ? '' : `: ${messages.join(' ')}`;
  if (!whole.runtimes.some(({ up }) => up)) return `no container runtime answered${reasons}`;
  if (!whole.sources.some(({ source, up }) => source === 'procfs' && up)) return `/proc could not be read${reasons}`;
  return strict && !whole.complete ? `not everything could be judged${reasons}` : undefined;
}
