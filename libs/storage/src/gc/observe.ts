import type { RunState } from '@temper/contracts';
import type { ObjectStore } from '../object-store.js';
import { inventoryOfRoots, inventoryOfRuns, type Beat, type Inventory } from './inventory.js';
import { runsIn, type RunFiles } from './runs.js';

/** The root objects, and of which runs it is certain that all they wrote is among them. */
export interface Observed {
  readonly roots: Inventory;
  /** Run id -> state; a run that is missing here counts as running. */
  readonly states: ReadonlyMap<string, RunState>;
}

/**
 * Looks at the roots. A listing takes its time, and a run may end and hand its results on to the registry in the middle of it:
 * what it held would be void, and what it published not yet seen. So its files are listed, then its state is asked, then
 * everything is listed: a run that had ended by then, and whose files are the same in both, is there with all that it wrote.
 */
export async function observe(
  store: ObjectStore,
  stateOf: (run: RunFiles, signature: string) => Promise<RunState>,
  beat: Beat,
): Promise<Observed> {
  const first = new Map<string, { readonly signature: string; readonly state: RunState }>();
  for (const run of runsIn(await inventoryOfRuns(store, beat))) {
    const signature = signatureOf(run);
    await beat();
    first.set(run.runId, { signature, state: await stateOf(run, signature) });
  }
  const roots = await inventoryOfRoots(store, beat);
  const states = new Map<string, RunState>();
  for (const run of runsIn(roots)) {
    const before = first.get(run.runId);
    if (before?.signature === signatureOf(run)) states.set(run.runId, before.state);
  }
  return { roots, states };
}

/** Equal as long as nobody has written anything of the run. */
const signatureOf = ({ runId, files }: RunFiles): string =>
  files
    .filter(({ key }) => key.startsWith(`runs/${runId}/`))
    .map(({ key, etag, modified }) => `${key} ${etag} ${modified}`)
    .sort()
    .join('\n');
