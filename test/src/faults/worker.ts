// node test/dist/faults/worker.js – a CPU worker as workers/cpu is one, but its trainers follow a plan (plan.ts).
// TEMPER_FAULT_WATCHDOG: milliseconds of silence after which a trainer counts as hung.
import { join, resolve } from 'node:path';
import { Worker } from '@temporalio/worker';
import { queuesOf } from '@temper/contracts';
import { TemperPlugin, workerIdentity } from '@temper/plugin';
import { connect, runWorkerProcess, shutdown, workerStore } from '@temper/worker';
import { PLAN } from './plan.js';

await runWorkerProcess('cpu', async () => {
  const home = resolve(process.env['TEMPER_HOME']!);
  const [temporal, store] = await Promise.all([connect(), workerStore()]);
  const silence = Number(process.env['TEMPER_FAULT_WATCHDOG'] ?? 0);
  const entry = join(import.meta.dirname, 'faulty-trainer.js');
  const plugin = new TemperPlugin({
    store,
    home,
    workflowBundle: process.env['TEMPER_FAULT_BUNDLE']!,
    trainer: { ...(process.env[PLAN] ? { entry } : {}), graceMs: 5_000 },
    ...(silence ? { watchdog: { first: 60_000, least: silence, factor: 2 } } : {}),
  });
  return Worker.create({
    ...temporal,
    ...shutdown().worker,
    taskQueue: queuesOf().workflow,
    identity: workerIdentity('cpu'),
    plugins: [plugin],
    maxConcurrentActivityTaskExecutions: 16,
    maxHeartbeatThrottleInterval: '1 second',
    defaultHeartbeatThrottleInterval: '1 second',
  });
});
