import { activityFailure } from '@temper/activity';
import { TemperError } from '@temper/contracts';
import { fakes } from '../fakes.js';
import { gate, spec, type Ways } from './way.js';

const alerts = { webhooks: ['env:PAGER', 'env:DOWN'] };

/** Webhooks are told, one of them in vain. */
export const alertWays: Ways = {
  'fine-tune-alerted': {
    spec: spec({ alerts }),
    activities: {
      evaluate: async (input) => ({ ...(await fakes.evaluate(input)), gate }),
      notify: async ({ webhook }) => {
        if (webhook === 'env:DOWN') throw activityFailure(new TemperError('SPEC_INVALID', 'HTTP 404'), 1);
      },
    },
  },
  'fine-tune-drifted': {
    spec: spec({ alerts }),
    activities: {
      driftFromProduction: async () => ({
        metric: 'f1',
        value: 0.8,
        production: { version: 2, value: 0.9 },
        worse: 0.1,
      }),
    },
  },
};
