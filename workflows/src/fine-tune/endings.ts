import type { Approval, Problem, Verdict } from '@temper/contracts';
import type { EvaluateOutput, GateProblem, PipelineSpec, PublishOutput } from '@temper/spec';
import { learningRateChange } from '@temper/contracts/verdict';
import type { RunError } from './failure.js';
import type { Ending } from './run-result.js';

export function published({ name, version, digest, model, reportUri }: PublishOutput): Ending {
  return {
    status: 'completed',
    model: { name, version, digest, uri: model.uri },
    artifacts: { model: model.uri, report: reportUri },
  };
}

/** The gate or a verdict stands against the model: the run did its work, nothing is published. */
export function refusedBy(gate: EvaluateOutput['gate']): Ending {
  const why = gate.map(({ metric, value, rule, verdict }) =>
    verdict ? `${verdict.name}: ${verdict.evidence}` : `${metric} is ${value}, the gate wants ${rule}`,
  );
  const message = `not published: ${why.join('; ')}`;
  const problems = gate.map(problemOf);
  return { status: 'refused', error: { code: 'GATE_REFUSED', message, problems, stage: 'evaluate' } };
}

/** A person decided against the model. */
export function rejectedBy({ by, comment }: Approval): Ending {
  const said = comment ? `: ${comment}` : '';
  const message = `not published: rejected by ${by}${said}`;
  const problems = [{ path: 'publish.approval', message: `rejected by ${by}${said}` }];
  return { status: 'refused', error: { code: 'APPROVAL_REJECTED', message, problems, stage: 'evaluate' } };
}

function problemOf({ metric, value, rule, verdict }: GateProblem): Problem {
  if (!verdict) {
    const message = 'the test metric is outside its bounds';
    return { path: `evaluation.gate.${metric}`, message, found: String(value ?? 'nothing'), allowed: rule };
  }
  const change = verdict.change ? `${verdict.change}; ` : '';
  return {
    path: 'evaluation',
    message: `${verdict.name}: ${verdict.evidence}`,
    hint: `${change}${rule} publishes it all the same`,
  };
}

/** A loss that is no number any more, as the verdict that it is. */
export function divergence({ problems, message }: RunError, { training }: PipelineSpec): Verdict {
  const [problem] = problems;
  const evidence = problem ? `${problem.path}: ${problem.message}` : message;
  return { name: 'diverging', evidence, change: learningRateChange(training.learningRate, 1 / 10) };
}
