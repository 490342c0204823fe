import type { Provider } from './providers.js';

/** Workflows and the stages without a device run on the CPU queue. */
export const queueOf: Readonly<Record<Provider, string>> = {
  cpu: 'temper-cpu',
  webgpu: 'temper-gpu-webgpu',
  cuda: 'temper-gpu-cuda',
};
export const WORKFLOW_QUEUE = queueOf.cpu;

/**
 * Where train and evaluate wait for a device of the pool. The CPU pool's own queue is apart from its workflows and light
 * stages: a worker has many places for those and one for a training.
 */
export const deviceQueueOf: Readonly<Record<Provider, string>> = { ...queueOf, cpu: 'temper-cpu-device' };

export const fineTuneWorkflow = 'fineTune';
export const sweepWorkflow = 'sweep';

/** The Worker Deployment whose versions are the builds of Temper's workers. */
export const DEPLOYMENT = 'temper';

/** Keyword search attributes, registered with the namespace by `temper up`. */
export const searchAttributes = [
  'TemperPipeline',
  'TemperStage',
  'TemperModel',
  'TemperPool',
  'TemperSweep',
] as const;
