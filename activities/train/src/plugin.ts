import { cachedStage, inlineMetrics, stageActivity, StagePlugin, type StageContext } from '@temper/activity';
import {
  damageOf,
  deviceParts,
  graphsInWords,
  graphsOf,
  superviseTrainer,
  type DeviceOptions,
  type DevicePorts,
} from '@temper/activity-device';
import type { StageActivities, TrainInput, TrainOutput } from '@temper/spec';
import { RESULTS_CODE } from '@temper/training/results-code';
import { runTrainer } from '@temper/training/trainer-process';
import { judge } from '@temper/training/verdict/judge';
import { adoptCheckpoint, adoptLog } from './adopt.js';
import { isChanged, wholeEntry } from './cache-entry.js';
import { checkExpected } from './expected.js';
import { summaryOf, type Summarized } from './summary.js';
import { yielding } from './yielding.js';

/** The train stage: `Worker.create({plugins: [new TrainPlugin({ store })], …})`. */
export class TrainPlugin extends StagePlugin {
  constructor(options: DeviceOptions) {
    super('train', deviceParts('TrainPlugin', options, trainActivities), 'TrainPlugin');
  }
}

export const trainActivities = (ports: DevicePorts): Pick<StageActivities, 'train'> => ({
  train: stageActivity<TrainInput, TrainOutput>(
    'train',
    async (input, context) => {
      const { runId, spec } = input;
      if (input.expected) await checkExpected(ports, input, input.expected);
      const { said, cached, trainedBy, ...result } = await reusedOrTrained(ports, input, context);
      if (trainedBy !== runId) await adoptLog(ports, runId, { trainedBy, steps: result.steps });
      const metricsUri = await ports.runs.closeMetrics(runId);
      const verdicts = result.finished === false ? undefined : await verdictsOf(ports, input, result);
      const summary = summaryOf(result, spec) + said;
      return {
        ...result,
        code: RESULTS_CODE,
        metricsUri,
        cached,
        summary,
        ...(verdicts ? { verdicts } : {}),
      };
    },
    { beat: ports.heartbeatInterval, logs: ports.runs },
  ),
});

/** The result of a training that is the same as far as it is to go, by whatever run; else this run trains. */
async function reusedOrTrained(ports: DevicePorts, input: TrainInput, context: StageContext) {
  const { runId, stopAt } = input;
  const graphs = await graphsOf(ports, input, context.signal);
  const whole = await wholeEntry(ports, input, graphs);
  const entry = stopAt ? { ...whole, spec: { ...(whole.spec as object), stopAt } } : whole;
  const fresh = input.fresh || (await isChanged(ports, input));
  let said = graphsInWords(graphs);
  const work = async () => {
    const { damaged, ...trained } = await trainOn(ports, input, context);
    if (damaged?.length) said += `; ${damageOf(damaged)}`;
    return trained;
  };
  const found = await cachedStage(ports, 'train', entry, fresh, work, { keep: ({ changes }) => !changes });
  const { cached: _, ...result } = found;
  if (stopAt && result.finished && !result.changes) {
    // It got to the end: the result of the whole training too.
    await cachedStage(ports, 'train', whole, false, async () => result);
  } else if (stopAt && result.trainedBy !== runId) {
    await adoptCheckpoint(ports, runId, result);
  }
  return { ...found, said };
}

/** Trains in a process of its own, until it has ended or another run is to have the device. */
async function trainOn(ports: DevicePorts, input: TrainInput, context: StageContext) {
  const { runId, training, fork, changes, stopAt } = input;
  await using device = yielding(ports, input, context);
  const signal = AbortSignal.any([context.signal, device.signal]);
  const trained = await superviseTrainer(ports, input, { ...context, signal }, (job, options) =>
    runTrainer({ ...job, kind: 'train', training, fork, changes, stopAt }, options),
  );
  const { checkpoint, steps, totalSteps, finished, damaged, changes: applied } = trained;
  const validation = trained.validation && (await inlineMetrics(ports, trained.validation));
  return {
    ...{ checkpoint, steps, totalSteps, finished, trainedBy: runId, damaged },
    ...(validation ? { validation } : {}),
    ...(applied ? { changes: applied } : {}),
  };
}

/** By what a trial of a sweep has: it is not evaluated on the test split. */
async function verdictsOf(ports: DevicePorts, { runId, spec }: TrainInput, { validation }: Summarized) {
  const log = await ports.runs.closedMetrics(runId);
  return judge({ spec, log, validation, examples: {} });
}
