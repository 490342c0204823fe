import { workflowInfo } from '@temporalio/workflow';
import type { Alert, AlertEvent, Drift, Problem, RunResult } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';

/** What the webhooks are told about the end of a run. */
export function alertOf(event: AlertEvent, spec: PipelineSpec, result: RunResult, drift?: Drift): Alert {
  const { namespace, workflowId, runId } = workflowInfo();
  const message = drift ? driftWords(spec, drift) : (result.error?.message ?? result.status);
  const { model: name, alias } = spec.publish;
  const { version, digest } = result.model ?? {};
  return {
    event,
    runId: result.runId,
    pipeline: spec.name,
    status: result.status,
    message,
    text: `${spec.name}: ${event}: ${message.split('\n')[0]} (${result.runId})`,
    problems: drift ? [driftProblem(spec, drift)] : (result.error?.problems ?? []),
    model: { name, alias, version, digest },
    metrics: result.metrics,
    uiPath: `/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}/history`,
    // Of the workflow's clock: the same in every attempt.
    at: new Date().toISOString(),
  };
}

const number = (value: number) => value.toFixed(4);

export const driftWords = ({ publish }: PipelineSpec, { metric, value, production, worse }: Drift): string =>
  `${metric} is ${number(value)} on the test split, ${number(worse)} worse than ` +
  `${publish.model}:${production.version}@production (${number(production.value)})`;

const driftProblem = (spec: PipelineSpec, drift: Drift): Problem => ({
  path: `metrics.test.${drift.metric}`,
  message: `worse than ${spec.publish.model}:${drift.production.version}@production`,
  found: number(drift.value),
  allowed: `${spec.alerts.drift} from ${number(drift.production.value)}`,
});
