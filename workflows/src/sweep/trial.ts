import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  executeChild,
  isCancellation,
  TemporalFailure,
  type ChildWorkflowOptions,
} from '@temporalio/workflow';
import type { RunResult } from '@temper/contracts';
import type { FineTuneInput, StopAt, SweepInput, SweepSpec } from '@temper/spec';
import { fineTuneWorkflow } from '@temper/contracts/queues';
import { objectiveOf } from '@temper/spec/sweep';
import { trialParams, trialRunId, trialSpec } from '@temper/spec/sweep-sampling';
import type { fineTune } from '../fine-tune/fine-tune.js';
import { runErrorOf } from '../fine-tune/failure.js';
import { queuesFor } from '../queues.js';
import type { TrialOutcome, Turn } from './trials.js';
import { trialAttributes } from './visibility.js';

/** How far a trial trains in a rung; undefined: to its end. */
function stopOf({ strategy, asha }: SweepSpec, rung: number): StopAt | undefined {
  if (strategy !== 'asha') return undefined;
  const factor = asha.reductionFactor ** rung;
  const { minimum } = asha;
  return 'steps' in minimum ? { steps: minimum.steps * factor } : { epochs: minimum.epochs * factor };
}

/** What all trials of a sweep have in common. */
export type Sweep = Pick<SweepInput, 'spec' | 'orchestration'> & { readonly sweepId: string };

export interface TrialEnd extends TrialOutcome {
  readonly error?: RunResult['error'];
}

/** One turn of a trial, as a run of its own. Whatever becomes of it is a result; only a cancelled sweep throws. */
export async function runTrial(sweep: Sweep, turn: Turn): Promise<TrialEnd> {
  const { spec } = sweep;
  const stopAt = stopOf(spec, turn.rung);
  try {
    const result = await child(sweep, turn.trial, { until: 'train', ...(stopAt ? { stopAt } : {}) });
    const { steps, finished = true } = result.training ?? {};
    const metric = objectiveOf(result.metrics.validation, spec.objective.metric);
    const verdicts = result.verdicts?.map(({ name }) => name).filter((name) => name !== 'fine');
    const told = verdicts?.length ? { verdicts } : {};
    return { status: finished ? 'completed' : 'waiting', metric, steps, ...told };
  } catch (error) {
    if (!(error instanceof TemporalFailure) || CancellationScope.current().consideredCancelled) throw error;
    if (isCancellation(error)) return { status: 'cancelled' };
    const failed = runError(error);
    return { status: failed.code === 'LOSS_DIVERGED' ? 'diverged' : 'failed', error: failed };
  }
}

/** The trial's run goes on: training is found done, what follows is evaluate, gate and publish. */
export const publishTrial = (
  sweep: Sweep,
  trial: number,
  comparison: FineTuneInput['sweep'],
): Promise<RunResult> => child(sweep, trial, { sweep: comparison });

/** Every turn of a trial has the same run id, so it finds its checkpoint. */
function child(
  { sweepId, spec, orchestration }: Sweep,
  trial: number,
  more: Partial<FineTuneInput>,
): Promise<RunResult> {
  const runId = trialRunId(sweepId, trial);
  const params = trialParams(spec, trial);
  const options: ChildWorkflowOptions = {
    workflowId: runId,
    taskQueue: queuesFor(orchestration).workflow,
    typedSearchAttributes: trialAttributes(sweepId),
    memo: { pipeline: spec.pipeline.name, sweep: sweepId },
    staticSummary: `trial ${trial}: ${JSON.stringify(params)}`.slice(0, 200),
  };
  const input: FineTuneInput = {
    runId,
    spec: trialSpec(spec.pipeline, params),
    ...more,
    ...(orchestration ? { orchestration } : {}),
  };
  return executeChild<typeof fineTune>(fineTuneWorkflow, { ...options, args: [input] });
}

/** What the run itself says about its failure, where it got to say something. */
export function runError(failure: TemporalFailure): NonNullable<RunResult['error']> {
  const inner = failure instanceof ChildWorkflowFailure ? failure.cause : undefined;
  const cause = inner instanceof TemporalFailure ? inner : failure;
  const [result] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  const { code, message, problems } = (result as RunResult | undefined)?.error ?? runErrorOf(cause);
  return { code, message, problems };
}
