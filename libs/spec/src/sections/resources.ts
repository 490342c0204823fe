import { providers } from '@temper/contracts';
import { z } from 'zod';
import { positiveInteger } from './numbers.js';

export const resources = z
  .strictObject({
    pool: z
      .enum(['auto', ...providers])
      .default('auto')
      .describe('which workers train; auto takes a GPU that is really there, else the CPU'),
    threads: positiveInteger
      .max(1024)
      .optional()
      .describe(
        'of one trainer; default: the cores divided by the slots of its worker. Digests are equal only for equal threads',
      ),
    priority: z
      .int()
      .min(1)
      .max(5)
      .default(3)
      .describe('1 goes first: a run waits for every run of a smaller number in its pool'),
    fairnessKey: z
      .string()
      .regex(/^[\x20-\x7e]{1,64}$/, 'printable ASCII, at most 64')
      .optional()
      .describe('who the run counts for where runs wait, e.g. a team; default: the name of the pipeline'),
    fairnessWeight: z
      .number()
      .min(0.001)
      .max(1000)
      .default(1)
      .describe('share of the starts that the key gets among the keys of equal priority that wait'),
    exact: z
      .boolean()
      .optional()
      .describe(
        'the engine (version of ONNX Runtime, provider, instruction set, threads) is part of the result: what another engine computed is not reused, and no other goes on with a training; default: false',
      ),
    preemptible: z
      .boolean()
      .default(false)
      .describe('training gives its device to a waiting run of a smaller priority number, and goes on later'),
  })
  .prefault({});
