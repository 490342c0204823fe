import { afterAll, describe, it } from 'vitest';
import { fewOf, type Cell } from './cells.js';
import { everywhere, expectSameDigests } from './killed.js';
import { optimizers, schedules } from './members.js';
import { servedWorkshop } from './served.js';

const { workshop, env, stop } = await servedWorkshop();
afterAll(stop);

const named = (cells: readonly Cell[]) => cells.map((cell) => [cell.name, cell] as const);

/** The task that each goes with first. */
const asTheyAre = [
  ...new Map([...workshop.cells].reverse().map((cell) => [cell.method.name, cell])).values(),
];

describe('kill -9 everywhere leaves no trace in the model', () => {
  it.each(named(fewOf(workshop.cells)))('%s', (_, cell) =>
    expectSameDigests(workshop, cell, env, { deaths: everywhere }),
  );

  // State of eight bits begins with matrices of 4,096 elements: those of a whole model, and of an adapter of a large rank.
  const whole = asTheyAre.find(({ method }) => method.name === 'full')!;
  const lora = asTheyAre.find(({ method }) => method.name === 'lora')!;
  const large = {
    ...lora,
    method: { ...lora.method, method: { ...lora.method.method, r: 128, dropout: 0.1 } },
  };
  describe.each([
    ['full', whole],
    ['LoRA', large],
  ])('%s', (_, cell) => {
    it.each([...optimizers, ...schedules].map(({ name, training }) => [name, training] as const))(
      '%s',
      (__, training) => expectSameDigests(workshop, cell, env, { deaths: everywhere, training }),
    );
  });
});
