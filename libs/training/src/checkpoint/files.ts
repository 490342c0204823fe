import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRef } from '@temper/contracts';
import { readSafetensors, writeSafetensors, type TensorSource } from '@temper/models';
import type { ArtifactStore } from '@temper/storage';
import { evaluationHere, type TrainingState } from '../loop/state.js';
import { readOptimizerState } from '../optimizer/read-state.js';
import type { OptimizerState } from '../optimizer/state.js';
import type { ParameterStore } from '../parameters.js';
import { EVALUATION_FILE, keptEvaluation } from './evaluation-file.js';
import { inFolder } from './in-folder.js';
import { THIS_CHECKPOINT } from './meta.js';

/** What a checkpoint keeps: the trained parameters, and what the optimizer remembers of each. */
export interface Trained {
  readonly store: ParameterStore;
  readonly optimizer: OptimizerState;
}

const files = {
  trainable: 'trainable.safetensors',
  optimizer: 'optimizer.safetensors',
};

/** From views of the flat arrays straight to the disk: a large state is never in memory twice. */
export async function writeFiles(folder: string, { store, optimizer }: Trained, state: TrainingState) {
  const path = (name: string) => join(folder, name);
  const values = Object.entries(store.views(store.values)).map(
    ([name, { dims, data }]): [string, TensorSource] => [name, { dtype: 'F32', shape: dims, data }],
  );
  await writeSafetensors(path(files.trainable), new Map(values));
  const remembered = optimizer.tensors().map((tensor) => [tensor.name, tensor] as const);
  await writeSafetensors(path(files.optimizer), new Map<string, TensorSource>(remembered));
  const evaluation = evaluationHere(state);
  if (evaluation) await writeFile(path(EVALUATION_FILE), `${JSON.stringify(evaluation)}\n`);
  const written = [...Object.values(files), ...(evaluation ? [EVALUATION_FILE] : [])];
  return Object.fromEntries(written.map((name) => [name, path(name)]));
}

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
