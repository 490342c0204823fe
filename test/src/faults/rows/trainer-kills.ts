import type { PipelineSpecInput } from '@temper/spec';
import type { Death, Happened } from '../plan.js';
import type { Rig } from '../rig.js';
import { holds, type Row } from '../row.js';
import { watchPointer } from '../whole-pointer.js';

/** Runs a spec with these deaths on the way; its model must be that of the uninterrupted run. */
async function killedAt(rig: Rig, spec: PipelineSpecInput, deaths: readonly Death[]) {
  const expected = await rig.uninterrupted(spec);
  await using worker = await rig.worker({ plan: { deaths } });
  const runId = await rig.client.submit(spec, { fresh: true });
  const pointer = watchPointer(rig, runId);
  const result = await rig.finished(runId);
  const steps = await pointer.stop();
  const died = await worker.deaths();
  holds(died === deaths.length, `all ${deaths.length} kills happened, not ${died}`);
  const train = result.stages.find(({ name }) => name === 'train')!;
  holds(train.attempts === died + 1, `${died + 1} attempts, not ${train.attempts}`);
  holds(result.model!.digest === expected, 'the digest is that of the uninterrupted run');
  await rig.onlyVersion(result);
  return { steps, happened: await worker.happened() };
}

export const everyStep: Row = {
  name: 'trainer-kill-every-step',
  async run(rig, { quick }) {
    const count = quick ? 5 : 20;
    const deaths = Array.from({ length: count }, (_, i): Death => {
      return { at: 'step', step: i + 3, when: i % 2 ? 'after' : 'before' };
    });
    await killedAt(rig, rig.spec('kill-steps', { saveSteps: 1 }), deaths);
    return {
      done: `kill −9 of the trainer in each of ${count} consecutive steps, before or after its update`,
      held: `${count} resumes, the digest of the uninterrupted run`,
    };
  },
};

export const midAccumulation: Row = {
  name: 'trainer-kill-mid-accumulation',
  async run(rig) {
    const spec = rig.spec('kill-micro', {
      maxSteps: 8,
      trainBatchSize: 2,
      gradientAccumulationSteps: 4,
      saveSteps: 2,
    });
    const deaths: Death[] = [1, 2, 3].map((micro) => ({ at: 'micro', step: 2 + micro, micro }));
    await killedAt(rig, spec, deaths);
    return {
      done: 'kill −9 after micro-batch 1, 2 and 3 of 4, in three steps',
      held: 'half-added gradients are gone, the digest of the uninterrupted run',
    };
  },
};

/** Three files, the manifest, the pointer, the entry in the list of checkpoints. */
const WRITES = 6;

export const checkpointWrites: Row = {
  name: 'trainer-kill-between-checkpoint-writes',
  async run(rig) {
    // A seed of its own: a blob that another run has stored already is not written again.
    const deaths = Array.from({ length: WRITES + 1 }, (_, puts): Death => {
      return { at: 'save', step: 3 * (puts + 1), puts };
    });
    const { steps, happened } = await killedAt(
      rig,
      rig.spec('kill-saves', { saveSteps: 3, seed: 5 }),
      deaths,
    );
    const whole = happened.filter((line): line is Happened & { saved: number } => 'saved' in line);
    holds(whole.length > 0, 'some checkpoints are written undisturbed');
    const most = Math.max(...whole.map((line) => ('puts' in line ? line.puts : 0)));
    holds(most === WRITES, `a checkpoint is ${WRITES} writes, not ${most}`);
    return {
      done: `kill −9 before the first, after each and after the last of a checkpoint's ${WRITES} writes`,
      held: `the pointer named ${steps.length} checkpoints in order, each whole when it was read; digest of the uninterrupted run`,
    };
  },
};
