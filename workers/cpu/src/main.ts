#!/usr/bin/env node
// node workers/cpu/dist/main.js – workflows and stages on `temper-cpu`, training on the CPU.
// TEMPER_SLOTS: trainings at a time (default 1); TEMPER_BUILD_ID: the build that runs stay on.
// TEMPER_SHUTDOWN_SECONDS: for a last checkpoint after SIGTERM (default 18).
// TEMPER_HEARTBEAT_SECONDS: between a stage's signs of life (default 2).
// TEMPER_QUEUE_PREFIX: the installation, where several share the namespace (default temper).
// TEMPORAL_*, S3_*: the services; AWS_*: `s3://` sources of other buckets; TEMPER_HOME: folder for caches and scratch space (default .temper).
import { Worker } from '@temporalio/worker';
import { dataConverterFrom } from '@temper/codec';
import { queuePrefixOf, queuesOf } from '@temper/contracts';
import { TemperPlugin, workerIdentity } from '@temper/plugin';
import { bucketsOf } from '@temper/s3';
import { cacheFolder } from '@temper/services';
import {
  connect,
  heartbeatInterval,
  runWorkerProcess,
  shutdown,
  versioning,
  workerStore,
} from '@temper/worker';
import { join, resolve } from 'node:path';
import { workflowBundle } from './bundle.js';
import { slotsOf } from './slots.js';

await runWorkerProcess('cpu', async (logger, telemetry) => {
  const slots = slotsOf();
  const stopping = shutdown();
  const queues = queuesOf(queuePrefixOf(undefined, process.env));
  const { build, options } = versioning(process.env, queues);
  const home = resolve(process.env['TEMPER_HOME'] ?? '.temper');
  const dataConverter = dataConverterFrom(process.env);
  const [temporal, store, bundle] = await Promise.all([
    connect(),
    workerStore(telemetry.onRequest),
    workflowBundle(join(home, 'cache'), {
      traced: telemetry.tracing !== undefined,
      failureConverterPath: dataConverter.failureConverterPath,
    }),
  ]);
  const buckets = bucketsOf(store, { onRequest: telemetry.onRequest });
  const plugin = new TemperPlugin({
    store,
    buckets,
    home,
    fetchFolder: cacheFolder(),
    workflowBundle: bundle,
    slots,
    trainer: stopping.trainer,
    heartbeatInterval: heartbeatInterval(),
    queuePrefix: queues.prefix,
    observer: telemetry.observer,
    metrics: telemetry.metrics,
    tracing: telemetry.tracing,
  });
  logger.info({ home, namespace: temporal.namespace, queue: queues.workflow, slots, build }, 'worker starts');
  return Worker.create({
    ...temporal,
    ...stopping.worker,
    ...options,
    dataConverter,
    taskQueue: queues.workflow,
    identity: workerIdentity('cpu'),
    plugins: [plugin],
    // Stages that wait for the store or a download cost little; those that compute share one thread anyway.
    maxConcurrentActivityTaskExecutions: 16,
  });
});
