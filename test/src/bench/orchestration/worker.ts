// node test/dist/bench/orchestration/worker.js – a worker whose stages answer at once, on both queues of the CPU pool.
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { queuesOf } from '@temper/contracts';
import { poolActivities } from '@temper/plugin';
import { connect, runWorkerProcess } from '@temper/worker';
import { fakes } from '../../workflows/fakes.js';

await runWorkerProcess('cpu', async () => {
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
  const common = await connect();
  const activities = {
    ...fakes,
    ...poolActivities,
    // When the first stage began, for whoever started the run.
    ingest: async () => ({ ...(await fakes.ingest(undefined as never)), summary: String(Date.now()) }),
  };
  // In one process: it has one core's worth of work.
  const device = await Worker.create({ ...common, taskQueue: queuesOf().device.cpu, activities });
  const running = device.run();
  process.once('SIGTERM', () => device.shutdown());
  running.catch(() => process.exit(1));
  return Worker.create({ ...common, taskQueue: queuesOf().workflow, workflowBundle, activities });
});
