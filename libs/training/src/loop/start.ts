import {
  engineWords,
  sameEngine,
  TemperError,
  type ArtifactRef,
  type CheckpointEntry,
  type CheckpointMeta,
  type Machine,
} from '@temper/contracts';
import { scheduleOf } from '@temper/optimizers';
import { RunStore, type ArtifactStore } from '@temper/storage';
import { loadState } from '../checkpoint/files.js';
import { type Checkpoints } from '../checkpoint/checkpoints.js';
import type { Trained } from '../checkpoint/snapshot.js';
import type { TrainJob } from '../job.js';
import { namedChanges } from './changes.js';
import { initialState, type TrainingState } from './state.js';

/** Where training goes on: at the run's own checkpoint, at that of another run, or nowhere yet. */
export interface Beginning {
  readonly own: ArtifactRef<'checkpoint'> | undefined;
  readonly from: ArtifactRef<'checkpoint'> | undefined;
  readonly meta: CheckpointMeta | undefined;
}

export async function claimBeginning(
  job: TrainJob,
  artifacts: ArtifactStore,
  checkpoints: Checkpoints,
  machine: Machine,
): Promise<Beginning> {
  const own = await checkpoints.claim();
  const from = own ?? job.fork?.checkpoint;
  const meta = from && (await artifacts.manifest(from)).meta;
  if (meta?.inputs) checkInputs(job, meta.inputs);
  if (own && job.spec.resources.exact) checkEngine(job, meta!, machine);
  return { own, from, meta };
}

/** Threads decide the last bits: a resumed run keeps its number, a forked one unless its spec says otherwise. */
export const threadsOf = (job: TrainJob, { own, meta }: Beginning): number | undefined =>
  own ? (meta?.threads ?? job.threads) : (job.threads ?? meta?.threads);

/** The state to go on from, in the store and in the run's log. */
export async function beginState(
  job: TrainJob,
  artifacts: ArtifactStore,
  checkpoints: Checkpoints,
  { own, from, meta }: Beginning,
  trained: Trained,
): Promise<TrainingState> {
  const runs = new RunStore(artifacts.store);
  const loaded = from && (await loadState(artifacts, from, trained, job.workFolder));
  await runs.rewind(job.runId, own ? loaded!.step : 0, checkpoints.attempt);
  if (!loaded) return initialState();
  if (own) {
    const listed = meta?.changes && (await runs.checkpoints(job.runId)).find(isOf(own))?.changes;
    const state = { ...loaded, changes: namedChanges(meta?.changes, job.changes, listed) };
    await checkpoints.enlist(state, own);
    return state;
  }
  await continueLog(runs, job, loaded.step, checkpoints.attempt);
  return forked(loaded, job, meta!);
}

const isOf =
  ({ digest }: ArtifactRef<'checkpoint'>) =>
  ({ checkpoint }: CheckpointEntry) =>
    checkpoint.digest === digest;

/** A fork's log begins with that of the run it comes from, as far as that is kept. */
async function continueLog(
  runs: RunStore,
  { runId, fork }: TrainJob,
  step: number,
  attempt: number,
): Promise<void> {
  const lines = await runs.readAll(fork!.runId);
  const before = lines.filter((line) => line.step <= step);
  await runs.putLines(runId, 0, before, { attempt });
}

/** A fork has settings of its own: what was changed in the other run is part of them, or was left out. */
function forked(
  state: Omit<TrainingState, 'changes'>,
  { spec: { training } }: TrainJob,
  meta: CheckpointMeta,
): TrainingState {
  const sameMetric = meta.metricForBestModel === training.metricForBestModel;
  const { evaluated } = scheduleOf(training.scheduler);
  return {
    ...state,
    changes: [],
    ...(sameMetric ? {} : { best: undefined, withoutImprovement: 0 }),
    ...(sameMetric && evaluated ? {} : { schedule: {} }),
  };
}

/** A resumed training keeps its threads, so only the machine can differ. */
function checkEngine({ runId }: TrainJob, { engine, threads }: CheckpointMeta, machine: Machine): void {
  const here = { ...machine, threads };
  if (sameEngine(engine, here)) return;
  throw new TemperError('ENGINE_DIFFERS', {
    path: 'resources.exact',
    message: 'another engine trained this run so far',
    found: engineWords(here),
    allowed: engine ? engineWords(engine) : 'not recorded',
    hint: `temper runs retry ${runId} where that engine is; with --from train it starts anew here`,
  });
}

function checkInputs(job: TrainJob, trained: NonNullable<CheckpointMeta['inputs']>): void {
  const fields = ['baseModel', 'tokens'] as const;
  const other = fields.filter((field) => job[field].digest !== trained[field]);
  if (!other.length) return;
  throw new TemperError(
    'DATA_INVALID',
    other.map((field) => ({
      path: field === 'tokens' ? 'dataset' : 'model.base',
      message: `${field === 'tokens' ? 'the training data is' : 'the base model is'} not what the checkpoint was trained on`,
      found: job[field].digest,
      allowed: trained[field],
      hint: `temper runs retry ${job.runId} --from train starts training anew`,
    })),
  );
}
