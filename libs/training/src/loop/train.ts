import { noSpans, type ArtifactRef, type Spans } from '@temper/contracts';
import type { ArtifactStore } from '@temper/storage';
import { buildTraining } from '../build.js';
import { Checkpoints } from '../checkpoint/checkpoints.js';
import { savesTo, type SaverOf } from '../checkpoint/saver.js';
import type { TrainerEvent, TrainJob, TrainResult } from '../job.js';
import { checkMetricName } from '../metrics/best.js';
import type { SessionFactory } from '../session.js';
import { applyChanges } from './changes.js';
import { checkpointIsDue, evaluationIsDue, stopsEarly } from './due.js';
import { Interrupted } from './interrupted.js';
import { logTo } from './observe.js';
import { beginState, claimBeginning, threadsOf } from './start.js';
import { TrainingRun } from './training-run.js';

export interface TrainPorts {
  readonly artifacts: ArtifactStore;
  readonly sessions: SessionFactory;
  readonly report: (event: TrainerEvent) => void;
  /** Who stores checkpoints; default: this thread, between the runs of graphs. */
  readonly saverOf?: SaverOf | undefined;
  /** Asked at step boundaries and between evaluation batches; true: write a checkpoint and throw Interrupted. */
  readonly interrupted?: (step: number) => boolean;
  /** Default: nobody traces. */
  readonly spans?: Spans | undefined;
}

/** Trains from the run's newest checkpoint, or from the beginning, to the end or to where the job says. */
export async function train(job: TrainJob, ports: TrainPorts): Promise<TrainResult> {
  checkMetricName(job.spec.training.metricForBestModel, job.spec);
  await using run = await begin(job, ports);
  try {
    const finished = await trainSteps(run, ports);
    return await run.result(finished);
  } catch (error) {
    if (error instanceof Interrupted) {
      if (run.changed) await run.save();
      await run.saved();
      logTo(ports, `interrupted after step ${run.state.step}`, { step: run.state.step });
    }
    throw error;
  }
}

/** As `train`, for the checkpoint at which it stops alone. */
export async function trainOnly(job: TrainJob, ports: TrainPorts): Promise<ArtifactRef<'checkpoint'>> {
  await using run = await begin(job, ports);
  try {
    await trainSteps(run, ports);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    if (run.changed) await run.save();
  }
  return run.reached();
}

/** At the newest checkpoint, with everything that a step needs. */
async function begin(job: TrainJob, ports: TrainPorts): Promise<TrainingRun> {
  const { artifacts, spans = noSpans } = ports;
  const { runId, attempt, training: number, workFolder: folder } = job;
  const checkpoints = new Checkpoints(artifacts, { runId, attempt, folder, training: number });
  const beginning = await claimBeginning(job, artifacts, checkpoints, ports.sessions.machine);
  if (checkpoints.damaged.length) ports.report({ type: 'damaged', damaged: checkpoints.damaged });
  const built = await spans.within('build graph', { use: 'train' }, () =>
    buildTraining({ ...job, threads: threadsOf(job, beginning) }, ports),
  );
  const trained = { store: built.model.store, optimizer: built.optimizer.state };
  const state = await beginState(job, artifacts, checkpoints, beginning, trained);
  const changed = applyChanges(state, job.changes) || beginning.from !== beginning.own;
  const saver = (ports.saverOf ?? savesTo(artifacts))(checkpoints.claimed);
  const parts = { built, checkpoints, saver, state, newest: beginning.own, changed };
  return new TrainingRun(job, ports, parts);
}

/** Step after step, with evaluations and checkpoints where they are due; whether nothing is left to train. */
async function trainSteps(run: TrainingRun, ports: TrainPorts): Promise<boolean> {
  const { state, validation } = run;
  for (;;) {
    run.change();
    const { training, lastStep, stopAfter } = run;
    if (ports.interrupted?.(state.step)) throw new Interrupted(state.step);
    if (evaluationIsDue(state, lastStep, training, validation)) await run.evaluate();
    const finished = state.step >= lastStep || stopsEarly(state, training);
    const stops = finished || state.step >= stopAfter;
    if (run.changed && checkpointIsDue(state, training, stops)) await run.save();
    if (stops) return finished;
    await run.step();
  }
}
