import type { z } from 'zod';

/** A method's part of the pipeline spec. */
export interface MethodSchema {
  /** An object with `type`, the method's name. */
  readonly schema: z.ZodObject;
  /** Default of `training.learningRate`. */
  readonly learningRate: number;
  /** For people. */
  readonly words: string;
}
