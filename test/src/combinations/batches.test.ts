import { afterAll, describe, expect, it } from 'vitest';
import { expectEqualEvaluations, expectEqualSteps, isCutFreely } from './batches.js';
import { fewOf, leftOut } from './cells.js';
import { Workshop } from './workshop.js';

const workshop = await Workshop.open();
const few = fewOf(workshop.cells);
const named = few.map((cell) => [cell.name, cell] as const);
afterAll(() => workshop[Symbol.asyncDispose]());

describe('how rows are cut into batches decides on nothing', () => {
  it('is shown of every method and every task that the checks let through', () => {
    expect(leftOut(few)).toEqual(leftOut(workshop.cells));
    // QLoRA has no DoRA, as its check says.
    expect(leftOut(few)).toEqual(['qlora useDora true']);
  });

  it.each(named.filter(([, cell]) => isCutFreely(cell)))(
    '%s: 8×1, 4×2 and 2×4 have the same losses and gradient norms',
    (_, cell) => expectEqualSteps(workshop, cell),
  );

  it.each(named)('%s: any evalBatchSize has the same evaluation', (_, cell) =>
    expectEqualEvaluations(workshop, cell),
  );
});
