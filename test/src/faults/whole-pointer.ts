import { setTimeout as sleep } from 'node:timers/promises';
import type { Rig } from './rig.js';
import { holds } from './row.js';

/** Looks at a run's checkpoint pointer all the time: whatever it names must be there, whole, with what it says. */
export function watchPointer(rig: Rig, runId: string) {
  const steps: number[] = [];
  let failed: unknown;
  let stopped = false;
  const watching = (async () => {
    const known = new Set<string>();
    while (!stopped) {
      const pointer = await rig.pointer(runId);
      const ref = pointer?.ref;
      if (pointer && ref && !known.has(ref.digest)) {
        known.add(ref.digest);
        const { meta, files } = await rig.artifacts.manifest(ref);
        holds(
          meta.step === pointer.step,
          `the pointer says step ${pointer.step}, its checkpoint ${meta.step}`,
        );
        // Each is read from the store and checked against its digest.
        for (const { path } of files) await rig.artifacts.readFile(ref, path);
        steps.push(pointer.step);
      }
      await sleep(20);
    }
  })().catch((error: unknown) => (failed = error));
  return {
    /** The steps of all checkpoints that it named, in order. */
    async stop(): Promise<number[]> {
      stopped = true;
      await watching;
      if (failed) throw failed;
      const ordered = steps.every((step, i) => i === 0 || step >= steps[i - 1]!);
      holds(ordered, `the pointer only moves on: ${steps.join(', ')}`);
      return steps;
    },
  };
}
