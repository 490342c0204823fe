import { agePattern, allowedAges, keptParts } from '@temper/contracts';
import { z } from 'zod';

const age = z.string().regex(agePattern, allowedAges);
const part = z.enum(keptParts);

/** No defaults: what is not said here is the store's, at the time of each collection. */
const ofRuns = z.strictObject({
  checkpoints: z
    .strictObject({
      last: z
        .int()
        .min(1)
        .optional()
        .describe('so many of the newest stay whole, to train on from; default 1'),
      best: part.optional().describe('what stays of the one with the best metric; default weights'),
      published: part
        .optional()
        .describe('what stays of the one that a published version was made from; default weights'),
    })
    .optional()
    .describe('of a run that has ended'),
  runs: age
    .optional()
    .describe(
      "how long a run's own files stay after its last one was written (90d, 12h, forever); default 365d",
    ),
  logs: age.optional().describe('how long its log stays; default 365d'),
});

export const retention = ofRuns
  .optional()
  .describe('what `temper gc` leaves of a run when it has ended; default: what the store keeps of all');

/** Of a store, for all pipelines that say nothing else; the stage cache is everybody's. */
export const retentionOfStoreSchema = ofRuns.extend({
  cache: age.optional().describe('how long results of stages stay for later runs; default 30d'),
});
