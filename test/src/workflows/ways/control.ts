import type { WorkflowHandle } from '@temporalio/client';
import type { ControlUpdate } from '@temper/contracts';
import type { TrainInput } from '@temper/spec';
import { fakes } from '../fakes.js';
import { beating, spec, trains, until, type Ways } from './way.js';

const approved = spec({ publish: { approval: true } });

/** Trains until it is interrupted, and then to the end. */
const interrupted = () => {
  let trainings = 0;
  return async (input: TrainInput) => (++trainings > 1 ? fakes.train(input) : beating());
};

const ask = (handle: WorkflowHandle, update: ControlUpdate, more: object = {}) =>
  handle.executeUpdate(update, { args: [{ by: 'ann', ...more }] });

/** People pause, change, approve and reject. */
export const controlWays: Ways = {
  'fine-tune-paused': {
    spec: spec(),
    activities: { train: interrupted() },
    meanwhile: async (handle) => {
      await until(handle, trains);
      await ask(handle, 'pause', { note: 'the machine is needed' });
      await ask(handle, 'resume');
    },
  },
  'fine-tune-paused-cancelled': {
    spec: spec(),
    activities: { train: interrupted() },
    meanwhile: async (handle) => {
      await until(handle, trains);
      await ask(handle, 'pause');
      await handle.cancel();
    },
  },
  'fine-tune-changed': {
    spec: spec(),
    activities: { train: interrupted() },
    meanwhile: async (handle) => {
      await until(handle, trains);
      await ask(handle, 'change', { learningRate: 1e-5, note: 'too fast' });
    },
  },
  'fine-tune-approved': {
    spec: approved,
    activities: {},
    meanwhile: async (handle) => {
      await until(handle, ({ status }) => status === 'awaiting-approval');
      await ask(handle, 'approve', { comment: 'looks right' });
    },
  },
  'fine-tune-rejected': {
    spec: approved,
    activities: {},
    meanwhile: async (handle) => {
      await until(handle, ({ status }) => status === 'awaiting-approval');
      await ask(handle, 'reject');
    },
  },
};
