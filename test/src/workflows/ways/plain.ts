import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { activityFailure } from '@temper/activity';
import { TemperError } from '@temper/contracts';
import { fakes } from '../fakes.js';
import { beating, died, gate, spec, trains, until, type Ways } from './way.js';

/** One that ends only when its worker does, or its run: without heartbeats the server takes its worker for dead. */
const silent = async (): Promise<never> => {
  return Context.current().cancelled;
};

export const plainWays: Ways = {
  'fine-tune-completed': { spec: spec(), activities: {} },
  'fine-tune-cpu-pool': { spec: spec({ resources: { pool: 'cpu' } }), activities: {} },
  'fine-tune-refused': {
    spec: spec(),
    activities: { evaluate: async (input) => ({ ...(await fakes.evaluate(input)), gate }) },
  },
  'fine-tune-retried': {
    spec: spec(),
    activities: {
      train: async (input) => {
        const { attempt } = Context.current().info;
        if (attempt < 2) throw activityFailure(died, attempt);
        return { ...(await fakes.train(input)), attempts: attempt };
      },
    },
  },
  'fine-tune-cached': {
    spec: spec(),
    activities: {
      ingest: async (input) => ({ ...(await fakes.ingest(input)), cached: true }),
      train: async (input) => ({ ...(await fakes.train(input)), cached: true }),
      evaluate: async (input) => ({ ...(await fakes.evaluate(input)), cached: true }),
      publish: async (input) => ({ ...(await fakes.publish(input)), cached: true }),
    },
  },
  'fine-tune-cancelled': {
    spec: spec(),
    activities: { train: beating },
    meanwhile: async (handle) => {
      await until(handle, trains);
      await handle.cancel();
    },
  },
  'fine-tune-cancelled-early': {
    spec: spec(),
    activities: { ingest: beating },
    meanwhile: async (handle) => {
      await until(handle, ({ stages }) => stages[0]!.status === 'running');
      await handle.cancel();
    },
  },
  'fine-tune-shown': {
    spec: spec(),
    activities: {
      // Longer than a stage may take that is not shown in the lists of runs.
      preprocess: async (input) => {
        await sleep(2_500);
        return fakes.preprocess(input);
      },
      train: async (input) => {
        await sleep(2_500);
        return fakes.train(input);
      },
    },
  },
  'fine-tune-worker-killed': {
    spec: spec(),
    activities: {
      train: async (input) =>
        Context.current().info.attempt === 1 ? silent() : { ...(await fakes.train(input)), attempts: 2 },
    },
  },
  'fine-tune-gpu-chosen': { spec: spec(), activities: { choosePool: async () => 'webgpu' } },
  'fine-tune-pool-unknown': {
    spec: spec(),
    activities: {
      choosePool: async () => {
        throw ApplicationFailure.nonRetryable('the pools cannot be asked');
      },
    },
  },
  'fine-tune-device-failed': {
    spec: spec(),
    activities: {
      evaluate: async () => {
        throw activityFailure(new TemperError('LOSS_DIVERGED', { path: 'step 3', message: 'NaN' }), 1);
      },
    },
  },
  'fine-tune-failed': {
    spec: spec(),
    activities: {
      ingest: async () => {
        throw activityFailure(
          new TemperError('DATA_INVALID', { path: 'mail.csv', message: 'no column label' }),
          1,
        );
      },
    },
  },
};
