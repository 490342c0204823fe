import { cachedStage, inlineMetrics, stageActivity, StagePlugin } from '@temper/activity';
import {
  deviceParts,
  exactEngine,
  graphsInWords,
  graphsOf,
  superviseTrainer,
  type DeviceOptions,
  type DevicePorts,
} from '@temper/activity-device';
import type { Metrics, SplitName, TokensMeta } from '@temper/contracts';
import {
  gateProblems,
  generatedInWords,
  refusals,
  type EvaluateInput,
  type EvaluateOutput,
  type PipelineSpec,
  type StageActivities,
} from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';
import { runTrainer } from '@temper/training/trainer-process';
import { judge } from '@temper/training/verdict/judge';
import { entryOf } from './cache-entry.js';

/** The evaluate stage: base model against fine-tuned model on the test split, and the gate. */
export class EvaluatePlugin extends StagePlugin {
  constructor(options: DeviceOptions) {
    super('evaluate', deviceParts('EvaluatePlugin', options, evaluateActivities), 'EvaluatePlugin');
  }
}

export const evaluateActivities = (ports: DevicePorts): Pick<StageActivities, 'evaluate'> => ({
  evaluate: stageActivity<EvaluateInput, EvaluateOutput>(
    'evaluate',
    async (input, context) => {
      const { spec, tokens, checkpoint, fresh } = input;
      let known = '';
      const graphs = await graphsOf(ports, input, context.signal);
      const entry = entryOf(ports, input, { graphs, engine: await exactEngine(ports, spec) });
      const measured = await cachedStage(ports, 'evaluate', entry, fresh, async () => {
        const result = await superviseTrainer(ports, input, context, (job, options) =>
          runTrainer({ ...job, kind: 'evaluate', checkpoint, fresh }, options),
        );
        const { base, test, baseCached, ...rows } = result;
        if (baseCached) known = ', base model cached';
        return { ...rows, base: await inlineMetrics(ports, base), test: await inlineMetrics(ports, test) };
      });
      // Gate and verdict are not part of the cached work: another bound needs no other measurement.
      const { test, comparison } = measured;
      const log = await ports.runs.closedMetrics(input.runId);
      const { meta } = await ports.artifacts.manifest(tokens);
      const { leaks } = meta;
      const verdicts = judge({ spec, log, test, comparison, examples: examplesOf(meta), leaks });
      const gate = [...gateProblems(spec.evaluation.gate, test), ...refusals(verdicts)];
      return {
        ...measured,
        gate,
        verdicts,
        summary: summaryOf(spec, measured.base, measured.test) + known + graphsInWords(graphs),
      };
    },
    { beat: ports.heartbeatInterval, logs: ports.runs },
  ),
});

const examplesOf = ({ splits }: TokensMeta): Partial<Record<SplitName, number>> =>
  Object.fromEntries(Object.entries(splits).map(([split, { examples }]) => [split, examples]));

/** `f1 0.3340 -> 0.9120, accuracy 0.5010 -> 0.9130` */
function summaryOf(spec: PipelineSpec, base: Metrics, test: Metrics): string {
  const shown = spec.evaluation.metrics ?? taskSchemaOf(spec).shown;
  const number = (value: unknown) => (typeof value === 'number' ? value.toFixed(4) : '–');
  const values = shown.map((metric) => `${metric} ${number(base[metric])} → ${number(test[metric])}`);
  const generated = generatedInWords(test);
  return [...values, ...(generated ? [generated] : [])].join(', ');
}
