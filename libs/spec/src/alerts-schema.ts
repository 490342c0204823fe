import { z } from 'zod';
import { alertEvents } from '@temper/contracts';

/** A URL may carry a token: `env:NAME` keeps it out of specs, histories and reports. */
const webhook = z.string().regex(/^(https?:\/\/\S+|env:[A-Za-z_]\w*)$/, 'an http(s) URL, or env:NAME');

export const alertsSchema = z
  .strictObject({
    webhooks: z
      .array(webhook)
      .default([])
      .describe(
        'http(s) URLs that get a POST; env:NAME takes the URL from an environment variable of the worker',
      ),
    on: z
      .array(z.enum(alertEvents))
      .min(1)
      .default([...alertEvents])
      .describe('failed: the run failed; refused: the gate refused the model; drift: worse than production'),
    drift: z
      .number()
      .min(0)
      .default(0.02)
      .describe('how much worse than the production version the test metric may be, absolute'),
  })
  .prefault({});
export type AlertsSpec = z.output<typeof alertsSchema>;
