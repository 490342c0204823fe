#!/usr/bin/env node
// TEMPER_POOL=webgpu|cuda node workers/gpu/dist/main.js – training and evaluation on a GPU, one run at a time.
// The environment is that of workers/cpu; TEMPER_ALLOW_SOFTWARE_GPU=1 allows a GPU that is none, for tests.
import { Worker } from '@temporalio/worker';
import { EvaluatePlugin } from '@temper/activity-evaluate';
import { TrainPlugin } from '@temper/activity-train';
import { dataConverterFrom } from '@temper/codec';
import { queuePrefixOf, queuesOf, TemperError } from '@temper/contracts';
import { workerIdentity } from '@temper/plugin/identity';
import { TracingPlugin } from '@temper/plugin/tracing';
import {
  connect,
  heartbeatInterval,
  runWorkerProcess,
  shutdown,
  versioning,
  workerStore,
} from '@temper/worker';
import { resolve } from 'node:path';
import { checkProvider } from './check-provider.js';

const gpus = ['webgpu', 'cuda'] as const;

const pool = process.env['TEMPER_POOL'] ?? 'webgpu';

await runWorkerProcess(pool, async (logger, telemetry) => {
  const provider = gpus.find((name) => name === pool);
  if (!provider) {
    throw new TemperError('SPEC_INVALID', {
      path: 'TEMPER_POOL',
      message: 'not a GPU pool',
      found: pool,
      allowed: gpus.join(', '),
    });
  }
  const queues = queuesOf(queuePrefixOf(undefined, process.env));
  const stopping = shutdown();
  const { build, options } = versioning(process.env, queues);
  // Which device this process has is said by its environment (CUDA_VISIBLE_DEVICES); the number is for people.
  const device = process.env['TEMPER_DEVICE'];
  const { software } = await checkProvider(provider);
  const home = resolve(process.env['TEMPER_HOME'] ?? '.temper');
  const [temporal, store] = await Promise.all([connect(), workerStore(telemetry.onRequest)]);
  const { observer, metrics, tracing } = telemetry;
  const plugin = {
    ...{ store, home, provider, observer, metrics },
    trainer: stopping.trainer,
    heartbeatInterval: heartbeatInterval(),
  };
  const taskQueue = queues.device[provider];
  logger.info(
    { home, namespace: temporal.namespace, queue: taskQueue, provider, software, device, build },
    'worker starts',
  );
  return Worker.create({
    ...temporal,
    ...stopping.worker,
    ...options,
    dataConverter: dataConverterFrom(process.env),
    taskQueue,
    identity: workerIdentity(provider, { software, device }),
    plugins: [
      ...(tracing ? [new TracingPlugin(tracing)] : []),
      new TrainPlugin(plugin),
      new EvaluatePlugin(plugin),
    ],
    maxConcurrentActivityTaskExecutions: 1,
  });
});
