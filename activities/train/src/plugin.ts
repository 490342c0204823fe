import { cachedStage, inlineMetrics, stageActivity, StagePlugin } from '@temper/activity';
import type { Metrics, PipelineSpec, StageActivities, TrainInput, TrainOutput } from '@temper/contracts';
import { runTrainer } from '@temper/training/trainer-process';
import { fingerprint } from './fingerprint.js';
import type { DevicePorts } from './ports.js';
import { damageOf, superviseTrainer } from './supervise.js';
import { yielding } from './yielding.js';

/** Raise it where equal inputs are trained to other weights than before. */
const CODE = 'train/1';

/** The train stage: `Worker.create({plugins: [new TrainPlugin(ports)], …})`. */
export class TrainPlugin extends StagePlugin {
  constructor(ports: DevicePorts) {
    super('train', trainActivities(ports));
  }
}

export const trainActivities = (ports: DevicePorts): Pick<StageActivities, 'train'> => ({
  train: stageActivity<TrainInput, TrainOutput>('train', async (input, context) => {
    const { runId, spec, baseModel, tokens, fresh } = input;
    const entry = {
      code: CODE,
      inputs: [baseModel.digest, tokens.digest],
      spec: await fingerprint(spec, ports.provider),
    };
    let damage = '';
    const { cached, trainedBy, ...result } = await cachedStage(ports, 'train', entry, fresh, async () => {
      await using device = yielding(ports, input, context);
      const signal = AbortSignal.any([context.signal, device.signal]);
      const trained = await superviseTrainer(ports, input, { ...context, signal }, (job, options) =>
        runTrainer({ ...job, kind: 'train' }, options),
      );
      const { checkpoint, steps, damaged } = trained;
      if (damaged?.length) damage = `; ${damageOf(damaged)}`;
      const validation = trained.validation && (await inlineMetrics(ports, trained.validation));
      return { checkpoint, steps, trainedBy: runId, ...(validation ? { validation } : {}) };
    });
    // The log belongs to the run that trained; a run that reuses its work shows it as its own.
    if (trainedBy !== runId) await ports.runs.putLines(runId, 0, await ports.runs.readAll(trainedBy));
    const metricsUri = await ports.runs.closeMetrics(runId);
    const summary = summaryOf(result.steps, spec, result.validation) + damage;
    return { ...result, metricsUri, cached, summary };
  }),
});

function summaryOf(steps: number, { training }: PipelineSpec, validation: Metrics | undefined): string {
  const value = validation?.[training.metricForBestModel];
  const shown =
    typeof value === 'number' ? `, validation ${training.metricForBestModel} ${value.toFixed(4)}` : '';
  return `${steps} steps${shown}`;
}
