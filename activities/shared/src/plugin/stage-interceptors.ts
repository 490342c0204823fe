import { trace } from '@opentelemetry/api';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { stageNames, type StageMetrics, type StageName, type StageOutcome } from '@temper/contracts';
import type { StageInput, StageOutput } from '@temper/spec';

/**
 * Around the stages of these names: their log lines and the active span, where there is one, name the run, stage, attempt
 * and pipeline; their wait, duration and outcome are counted.
 */
export const stageInterceptors =
  (names: readonly string[], metrics: StageMetrics | undefined): ActivityInterceptorsFactory =>
  ({ info }) => {
    const stage = stageNames.find((name) => name === info.activityType && names.includes(name));
    if (!stage) return {};
    let about: Partial<ReturnType<typeof aboutOf>> = {};
    return {
      inbound: {
        execute: async (input, next) => {
          const named = aboutOf(stage, info.attempt, input.args[0] as StageInput);
          about = named;
          mark(Object.fromEntries(Object.entries(named).map(([name, value]) => [`temper.${name}`, value])));
          const started = Date.now();
          metrics?.stageStarted(named, (started - info.currentAttemptScheduledTimestampMs) / 1000);
          const ended = (outcome: StageOutcome, code?: string) => {
            mark({ 'temper.outcome': outcome, ...(code ? { 'error.type': code } : {}) });
            metrics?.stageEnded(named, outcome, (Date.now() - started) / 1000, code);
          };
          try {
            const output = (await next(input)) as StageOutput;
            ended(output.cached ? 'cached' : 'completed');
            return output;
          } catch (error) {
            ended(...outcomeOf(error));
            throw error;
          }
        },
      },
      outbound: {
        getLogAttributes: (attributes, next) => next({ ...attributes, ...about }),
      },
    };
  };

/** Nothing where the process does not trace. */
const mark = (attributes: Record<string, string | number>) =>
  void trace.getActiveSpan()?.setAttributes(attributes);

const aboutOf = (stage: StageName, attempt: number, { runId, spec }: StageInput) => ({
  run: runId,
  stage,
  attempt,
  pipeline: spec.name,
});

function outcomeOf(error: unknown): [StageOutcome, string?] {
  if (error instanceof CancelledFailure) return ['cancelled'];
  const code = error instanceof ApplicationFailure ? (error.type ?? undefined) : undefined;
  return code === 'WORKER_SHUTDOWN' ? ['interrupted'] : ['failed', code];
}
