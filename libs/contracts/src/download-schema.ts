import { z } from 'zod';

/** How far what is fetched may go; each of them may be raised. */
export const downloadSchema = z
  .strictObject({
    maxBytes: z
      .int()
      .positive()
      .default(20e9)
      .describe(
        'of one file of http(s)://, as sent and unpacked, and of an adapter from anywhere; of a package, of all its files',
      ),
    stallSeconds: z
      .number()
      .positive()
      .max(86_400)
      .default(60)
      .describe('a download that gets less than 1 kB/s for so long ends'),
    maxSeconds: z.number().positive().max(604_800).default(21_600).describe('for one file in all'),
    maxRedirects: z.int().min(0).max(20).default(5).describe('of one address to the next'),
    privateHosts: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'hosts inside your own network that may be read; one that the source itself names by its private address, as localhost, or by a name without a dot needs no entry',
      ),
  })
  .prefault({})
  .describe('Limits of sources that are fetched: times of http(s)://, s3:// and hf:, the others as they say');

export type DownloadSpec = z.output<typeof downloadSchema>;
