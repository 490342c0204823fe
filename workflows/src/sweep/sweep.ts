import {
  ApplicationFailure,
  continueAsNew,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { SweepInput, SweepResult } from '@temper/spec';
import { checkOrchestration } from '../check-orchestration.js';
import { endsRun } from '../fine-tune/failure.js';
import { lightStages } from '../fine-tune/stages.js';
import { sweepProgressQuery } from './messages.js';
import { SweepRecord } from './sweep-record.js';
import { publishTrial, runError, runTrial, type Sweep } from './trial.js';
import { showSweep } from './visibility.js';

/**
 * Many trials of one pipeline, each a `fineTune` child up to its training; the best one is evaluated on the test split,
 * gated and published by its own run.
 *
 * Ends: published or refused by the gate → the SweepResult; cancelled (with its trials) → cancelled; failed → an
 * ApplicationFailure whose first detail is the SweepResult. A trial that fails or diverges is the worst, not the end.
 */
export async function sweep(input: SweepInput): Promise<SweepResult> {
  const { spec, state } = input;
  const sweepId = input.sweepId ?? workflowInfo().workflowId;
  const asked = { ...input, sweepId };
  const record = new SweepRecord(sweepId, input);
  setHandler(sweepProgressQuery, () => record.progress(), {
    description: 'temper.sweep: where the sweep and its trials are',
  });
  if (!state) showSweep(sweepId, spec);
  try {
    checkOrchestration(input.orchestration);
    if (!state) await prepare(sweepId, input, record);
    record.enter('trials');
    if ((await runTrials(asked, record)) === 'history is full') {
      return await continueAsNew<typeof sweep>({ ...asked, state: record.state() });
    }
    const { best } = record.trials;
    if (best !== undefined) {
      record.trials.close();
      record.enter('publishing');
      return record.published(await publishTrial(asked, best, record.comparison()));
    }
  } catch (error) {
    throw ended(error, record);
  }
  throw failureOf(record.failed(record.whyNone));
}

/** What all trials share is done once; they find it in the stage cache. A mistake in the data shows here. */
async function prepare(
  runId: string,
  { spec: { pipeline: spec, search }, orchestration, unchecked }: SweepInput,
  record: SweepRecord,
): Promise<void> {
  record.enter('preparing');
  const light = lightStages(spec, orchestration);
  const { dataset, baseModel, adapter } = await light.ingest({
    ...{ runId, spec },
    ...(unchecked ? { unchecked } : {}),
  });
  const shared = !Object.keys(search).some((path) => path.startsWith('tokenize'));
  if (shared) {
    const start = { baseModel, ...(adapter ? { adapter } : {}) };
    await light.preprocess({ runId, spec, dataset, ...start });
  }
}

/** At most `parallel` trials at a time, each slot taking the next turn as soon as it is free. */
async function runTrials(asked: Sweep, record: SweepRecord): Promise<'done' | 'history is full'> {
  const running = new Map<number, Promise<number>>();
  let full = false;
  for (;;) {
    // The server suggests it at a part of the limit where it warns. Trials that run are waited for: a child does not
    // outlive the execution that started it.
    full ||= workflowInfo().continueAsNewSuggested;
    while (!full && running.size < asked.spec.parallel) {
      const turn = record.trials.next();
      if (!turn) break;
      const done = runTrial(asked, turn).then((end) => {
        record.finished(turn, end);
        return turn.trial;
      });
      running.set(turn.trial, done);
      record.started();
    }
    if (!running.size) return full ? 'history is full' : 'done';
    try {
      running.delete(await Promise.race(running.values()));
    } catch (error) {
      // Cancelled: each trial says when it has stopped its work.
      await Promise.allSettled(running.values());
      throw error;
    }
  }
}

function ended(error: unknown, record: SweepRecord): unknown {
  if (!endsRun(error)) return error;
  if (isCancellation(error)) {
    record.cancelled();
    return error;
  }
  return failureOf(record.failed(runError(error)));
}

const failureOf = (result: SweepResult): ApplicationFailure =>
  ApplicationFailure.create({
    message: result.error?.message ?? 'the sweep failed',
    type: result.error?.code ?? 'UNKNOWN',
    nonRetryable: true,
    details: [result],
  });
