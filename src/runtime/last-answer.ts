/** What is known of a runtime before it has answered, and what stays of its last answer while it is silent. */
import type { RuntimeFlavour, RuntimeSnapshot } from '../core/model.ts';

/** A runtime that has not answered yet; its flavour may be known from the way it is asked. */
export function nothingYet(endpoint: string, flavour: RuntimeFlavour): RuntimeSnapshot {
  return {
    endpoint,
    name: '',
    version: '',
    flavour,
    up: false,
    answeredAtMs: undefined,
    configuredPauseImage: undefined,
    conditions: [],
    sandboxes: [],
    containers: [],
    images: undefined,
  };
}

/** The last answer, marked as old, as long as it may still be shown. */
export function whileSilent(last: RuntimeSnapshot, keepAnswerMs: number, nowMs: number): RuntimeSnapshot {
  const tooOld = last.answeredAtMs === undefined || nowMs - last.answeredAtMs > keepAnswerMs;
  return { ...last, up: false, ...(tooOld ? { sandboxes: [], containers: [] } : {}) };
}
