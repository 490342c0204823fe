import { identifier } from '@temper/contracts';
import { z } from 'zod';

export const publish = z
  .strictObject({
    model: identifier.optional().describe('name in the registry; default: the name of the pipeline'),
    alias: identifier.default('candidate').describe('moved to the new version'),
    approval: z
      .boolean()
      .default(false)
      .describe('wait for `temper runs approve` (or `reject`) before publishing'),
  })
  .prefault({});
