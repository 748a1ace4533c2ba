/** What came of asking at an endpoint whether a runtime is there. */
import type { SourceFault } from '../core/model.ts';

/** A runtime and how many sandboxes it lists, or why there is none. */
export type Probe = { readonly sandboxes: number; readonly fault: undefined } | { readonly fault: SourceFault };
