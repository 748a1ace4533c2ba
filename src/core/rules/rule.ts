/** What a rule is: a pure question about a scene, answered with findings and unknowns; silence means fine. */
import type { Verdict } from '../finding.ts';
import type { Scene } from '../scene.ts';

/** How many of each kind of thing (pods, names, parents) a finding lists at most. */
export const LISTED = 5;

/** Judges one thing about everything in the scene. */
export type Rule = (scene: Scene) => Iterable<Verdict>;
