import type { Rig } from './rig.js';

/** What a row did, and what held: two cells of the report. */
export interface Outcome {
  readonly done: string;
  readonly held: string;
}

/** One fault. It throws where something does not hold. */
export interface Row {
  readonly name: string;
  run(rig: Rig, options: { readonly quick: boolean }): Promise<Outcome>;
}

/** This machine cannot make the fault; says why. */
export class Skipped extends Error {}

export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`does not hold: ${what}`);
}
