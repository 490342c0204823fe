import { TemperError } from './errors.js';

/** V8's words where an array cannot be had, and where one is longer than any can be. */
const words =
  /array buffer allocation failed|invalid (typed )?array (buffer )?length|cannot create a (buffer|string) /i;

/**
 * SPEC_INVALID where an error, or what caused it, says that there is no memory for an array: on this machine there will be none at the
 * next attempt either. Else undefined. (A process that the kernel ends for its memory is TRAINER_DIED.)
 */
export function outOfMemory(error: unknown): TemperError | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof TemperError || !(at instanceof RangeError) || !words.test(at.message)) continue;
    return new TemperError(
      'SPEC_INVALID',
      {
        path: 'training.trainBatchSize',
        message: 'not enough memory on this machine',
        found: at.message,
        hint: 'take a smaller trainBatchSize or tokenize.maxLength, a method that trains fewer parameters, or a pool with more memory',
      },
      { cause: error },
    );
  }
  return undefined;
}
