import { z } from 'zod';

/**
 * Where a data set or model comes from. A spec is kept in the histories of its runs, for everybody who may look at them:
 * `https://USER:PASSWORD@…` is refused.
 */
export const source = (description: string) =>
  z
    .string()
    .min(1)
    .refine((uri) => !/^[a-z][a-z\d+.-]*:\/\/[^/?#]*@/i.test(uri), {
      error: 'holds a user name or password, which everybody who sees the run would see',
    })
    .describe(description);
