import { afterAll, describe, it } from 'vitest';
import { expectEqualEvaluations, expectEqualSteps, isCutFreely } from './batches.js';
import { Workshop } from './workshop.js';

const workshop = await Workshop.open();
afterAll(() => workshop[Symbol.asyncDispose]());

describe('how rows are cut into batches decides on nothing', () => {
  it.each(workshop.cells.map((cell) => [cell.name, cell] as const))('%s', async (_, cell) => {
    if (isCutFreely(cell)) await expectEqualSteps(workshop, cell);
    await expectEqualEvaluations(workshop, cell);
  });
});
