/** How long a runtime may take. */

/** Deadlines of a runtime, in milliseconds. */
export interface RuntimeTimes {
  /** Version and the lists, which are answered from memory. */
  readonly listMs: number;
  /** Details of one sandbox or container: on containerd a frozen shim holds them for 4 s (L16). */
  readonly detailsMs: number;
  /** All details of one round together; what is not asked for by then waits for the next round. */
  readonly roundMs: number;
  /** How long the last answer is given while the runtime is silent. */
  readonly keepAnswerMs: number;
}
