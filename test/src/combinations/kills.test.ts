import { afterAll, describe, it } from 'vitest';
import { oneOfEachMethod } from './cells.js';
import { expectSameDigests, thrice } from './killed.js';
import { servedWorkshop } from './served.js';

const { workshop, env, stop } = await servedWorkshop();
afterAll(stop);

describe('kill -9 of the trainer in a step, an evaluation and a checkpoint leaves no trace in the model', () => {
  it.each(oneOfEachMethod(workshop.cells).map((cell) => [cell.name, cell] as const))(
    '%s',
    (_, cell) => expectSameDigests(workshop, cell, env, { deaths: thrice }),
    200_000,
  );
});
