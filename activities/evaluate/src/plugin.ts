import { cachedStage, inlineMetrics, stageActivity, StagePlugin } from '@temper/activity';
import { fingerprint, superviseTrainer, type DevicePorts } from '@temper/activity-train';
import type {
  EvaluateInput,
  EvaluateOutput,
  Metrics,
  PipelineSpec,
  StageActivities,
} from '@temper/contracts';
import { runTrainer } from '@temper/training/trainer-process';
import { gateProblems } from './gate.js';

/** Raise it where equal inputs are measured otherwise than before. */
const CODE = 'evaluate/1';

/** The evaluate stage: base model against fine-tuned model on the test split, and the gate. */
export class EvaluatePlugin extends StagePlugin {
  constructor(ports: DevicePorts) {
    super('evaluate', evaluateActivities(ports));
  }
}

export const evaluateActivities = (ports: DevicePorts): Pick<StageActivities, 'evaluate'> => ({
  evaluate: stageActivity<EvaluateInput, EvaluateOutput>('evaluate', async (input, context) => {
    const { spec, baseModel, tokens, checkpoint, fresh } = input;
    const entry = {
      code: CODE,
      inputs: [baseModel.digest, tokens.digest, checkpoint.digest],
      spec: await fingerprint(spec, ports.provider),
    };
    const measured = await cachedStage(ports, 'evaluate', entry, fresh, async () => {
      const { base, test } = await superviseTrainer(ports, input, context, (job, options) =>
        runTrainer({ ...job, kind: 'evaluate', checkpoint }, options),
      );
      return { base: await inlineMetrics(ports, base), test: await inlineMetrics(ports, test) };
    });
    // The gate is not part of the cached work: another bound needs no other measurement.
    const gate = gateProblems(spec.evaluation.gate, measured.test);
    return { ...measured, gate, summary: summaryOf(spec, measured.base, measured.test) };
  }),
});

/** `f1 0.3340 -> 0.9120, accuracy 0.5010 -> 0.9130` */
function summaryOf({ task, evaluation }: PipelineSpec, base: Metrics, test: Metrics): string {
  const shown = evaluation.metrics ?? (task === 'causal-lm' ? ['loss', 'perplexity'] : ['f1', 'accuracy']);
  const number = (value: unknown) => (typeof value === 'number' ? value.toFixed(4) : '–');
  return shown.map((metric) => `${metric} ${number(base[metric])} → ${number(test[metric])}`).join(', ');
}
