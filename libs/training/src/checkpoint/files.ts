import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRef } from '@temper/contracts';
import { readSafetensors, writeSafetensors } from '@temper/models';
import type { ArtifactStore } from '@temper/storage';
import { evaluationHere, type TrainingState } from '../loop/state.js';
import { readOptimizerState } from '../optimizer/read-state.js';
import type { StateTensor } from '../optimizer/state.js';
import type { ParameterStore } from '../parameters.js';
import { EVALUATION_FILE, keptEvaluation } from './evaluation-file.js';
import { inFolder } from './in-folder.js';
import { THIS_CHECKPOINT } from './meta.js';
import type { Snapshot, Trained } from './snapshot.js';

const files = {
  trainable: 'trainable.safetensors',
  optimizer: 'optimizer.safetensors',
};

/** Straight from the copy to the disk: a large state is in memory twice, never three times. */
export async function writeFiles(folder: string, snapshot: Snapshot, state: TrainingState) {
  const path = (name: string) => join(folder, name);
  await writeSafetensors(path(files.trainable), byName(snapshot.trainable));
  await writeSafetensors(path(files.optimizer), byName(snapshot.optimizer));
  const evaluation = evaluationHere(state);
  if (evaluation) await writeFile(path(EVALUATION_FILE), `${JSON.stringify(evaluation)}\n`);
  const written = [...Object.values(files), ...(evaluation ? [EVALUATION_FILE] : [])];
  return Object.fromEntries(written.map((name) => [name, path(name)]));
}

const byName = (tensors: readonly StateTensor[]) => new Map(tensors.map((tensor) => [tensor.name, tensor]));

/** Puts a checkpoint's weights into the store; for evaluation and publishing. */
export async function loadWeights(
  artifacts: ArtifactStore,
  ref: ArtifactRef<'checkpoint'>,
  store: ParameterStore,
  scratch: string,
): Promise<void> {
  await inFolder(scratch, async (folder) => {
    await artifacts.materialize(ref, folder, [files.trainable]);
    await readInto(join(folder, files.trainable), store);
  });
}

/** Puts everything back as it was after the checkpoint's step; who asked for changes is known elsewhere. */
export async function loadState(
  artifacts: ArtifactStore,
  ref: ArtifactRef<'checkpoint'>,
  { store, optimizer }: Trained,
  scratch: string,
): Promise<Omit<TrainingState, 'changes'>> {
  const { meta } = await artifacts.manifest(ref);
  return inFolder(scratch, async (folder) => {
    await artifacts.materialize(ref, folder, Object.values(files));
    const path = (name: string) => join(folder, name);
    await readInto(path(files.trainable), store);
    await readOptimizerState(path(files.optimizer), optimizer);
    return {
      step: meta.step,
      cursor: meta.cursor,
      tokens: meta.tokens,
      best: meta.best && {
        ...meta.best,
        digest: meta.best.digest === THIS_CHECKPOINT ? ref.digest : meta.best.digest,
      },
      withoutImprovement: meta.withoutImprovement,
      schedule: meta.schedule ?? {},
      losses: meta.loss === undefined ? [] : [meta.loss],
      evaluation: await keptEvaluation(artifacts, ref),
    };
  });
}

async function readInto(file: string, store: ParameterStore) {
  const tensors = await readSafetensors(file, store.names);
  for (const name of store.names) {
    store.view(store.values, name).data.set(tensors.get(name)!.data as Float32Array);
  }
}
