import type { Digest } from '@temper/contracts';
import type { TrainInput } from '@temper/spec';
import { stageKey } from '@temper/storage';
import { GRAPHS_CODE } from '@temper/training/results-code';
import { runTrainer, type GraphDigests } from '@temper/training/trainer-process';
import { join } from 'node:path';
import type { DevicePorts } from './ports.js';
import { trainerCode } from './trainer-code.js';
import { trainerProgram } from './trainer-program.js';

const STAGE = 'graphs';

/**
 * The digests of the graphs that a job would run, as it would store them. The trainer compiles them from the headers of its inputs; what
 * it found is kept under its own code and these inputs, so that the next such job asks the store alone.
 */
export async function graphsOf(
  ports: DevicePorts,
  { runId, spec, baseModel, adapter, tokens }: TrainInput,
  signal?: AbortSignal,
): Promise<GraphDigests> {
  const { task, problemType, method, training, tokenize, model } = spec;
  const { precision, dropout } = model;
  const settings = { task, problemType, method, training, tokenize, model: { precision, dropout } };
  const key = stageKey({
    code: await trainerCode(),
    inputs: [baseModel.digest, tokens.digest, ...(adapter ? [adapter.digest] : [])],
    spec: { ...settings, provider: ports.provider },
  });
  const known = await ports.cache.get<GraphDigests>(STAGE, key);
  if (known) return known;
  const found = await runTrainer(
    {
      ...{ kind: 'graphs', runId, spec: settings, baseModel, adapter, tokens, provider: ports.provider },
      workFolder: join(ports.workFolder, runId),
    },
    {
      ...ports.trainer,
      entry: trainerProgram(ports.trainer),
      env: { TEMPER_HOME: ports.home, ...ports.trainer?.env },
      signal,
    },
  );
  await ports.cache.put(STAGE, key, found);
  return found;
}

/** What a key has of a stage's graphs: their digests, else the version that is raised by hand. */
export const graphsInKey = (
  graphs: GraphDigests,
  stage: 'train' | 'evaluate',
): Readonly<Record<string, Digest>> | string => (graphs.unknown === undefined ? graphs[stage] : GRAPHS_CODE);

/** For the stage's summary, where it is so: `; its key has the graphs by version: …` */
export const graphsInWords = ({ unknown }: GraphDigests): string =>
  unknown === undefined ? '' : `; its key has the graphs by version (only values tell ${unknown})`;
