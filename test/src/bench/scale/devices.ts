// node test/dist/bench/scale/devices.js COUNT FIRST HEARTBEAT_SECONDS – that many GPU workers that compute nothing, each with a connection of its
// own as if it were alone on its machine: one slot, train and evaluate of a set length, Temper's own heartbeats.
import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import { stageActivity } from '@temper/activity';
import { queuesOf } from '@temper/contracts';
import { fakes } from '../../workflows/fakes.js';
import { trainingSeconds } from './training-seconds.js';

const [count, first, heartbeatSeconds] = process.argv.slice(2).map(Number) as [number, number, number];
const beat = heartbeatSeconds * 1000;
// As StagePlugin has it.
const throttle = Math.max(1_000, beat / 2);

/** When the task was queued and when a worker had it, in the place of a stage's words. */
const waited = (info: { currentAttemptScheduledTimestampMs: number }) =>
  JSON.stringify({ waitedMs: Date.now() - info.currentAttemptScheduledTimestampMs });

const activities = {
  train: stageActivity(
    'train',
    async (input, { info, signal, report }) => {
      const summary = waited(info);
      const seconds = trainingSeconds(input.runId);
      // A step a second, as a model of some hundred million weights makes them.
      for (let step = 1; step <= seconds; step++) {
        await sleep(1000, undefined, { signal });
        report({ phase: 'training', step, totalSteps: seconds });
      }
      return { ...(await fakes.train(undefined as never)), summary };
    },
    { beat },
  ),
  evaluate: stageActivity(
    'evaluate',
    async (_, { info }) => ({ ...(await fakes.evaluate(undefined as never)), summary: waited(info) }),
    { beat },
  ),
};

const workers: Worker[] = [];
for (let i = first; i < first + count; i++) {
  const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS']! });
  workers.push(
    await Worker.create({
      connection,
      activities,
      taskQueue: queuesOf().device.cuda,
      identity: `device-${i}`,
      maxConcurrentActivityTaskExecutions: 1,
      maxHeartbeatThrottleInterval: throttle,
      defaultHeartbeatThrottleInterval: throttle,
    }),
  );
}
const running = Promise.all(workers.map((worker) => worker.run()));
const stop = () => workers.forEach((worker) => worker.getState() === 'RUNNING' && worker.shutdown());
process.once('SIGTERM', stop);
process.stdin.on('end', stop).resume();
process.stdout.write('ready\n');
await running;
process.exit(0);
