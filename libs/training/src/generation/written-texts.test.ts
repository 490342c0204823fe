import { IGNORED_LABEL, type TokenizedSplit } from '@temper/contracts';
import type { Tokenizer } from '@temper/data';
import { definitionOf } from '@temper/tasks';
import { expect, it } from 'vitest';
import { Interrupted } from '../loop/interrupted.js';
import { wilson } from '../rows/intervals.js';
import type { Writers } from './writers.js';
import { scoreTexts } from './written-texts.js';

const END = 2;
const tokenizer = {
  chatTemplate: undefined,
  generationEnds: [END],
  decode: async (ids: ArrayLike<number>) =>
    `${Array.from(ids)
      .filter((id) => id !== END)
      .join(' ')} `,
  [Symbol.asyncDispose]: async () => undefined,
} as unknown as Tokenizer;

/** Models that count on from the last token, and end behind 6. */
function counting(positions: number) {
  const state = { released: 0 };
  const after = (last: number) => {
    const next = last === 6 ? END : last + 1;
    return Float32Array.from({ length: 10 }, (_, id) => (id === next ? 1 : 0));
  };
  const readRows = async (rows: readonly (readonly number[])[]) =>
    rows.map((ids) => (ids.length ? after(ids.at(-1)!) : undefined));
  const writers: Writers = {
    open: async () => ({
      decoder: () => ({ readRows }),
      bytesPerToken: 8,
      release: async () => void state.released++,
    }),
    tokenizer: async () => tokenizer,
    positions: async () => positions,
  };
  return { writers, state };
}

const _ = IGNORED_LABEL;
const split: TokenizedSplit = {
  labelKind: 'token',
  inputIds: Int32Array.of(3, 4, 5, 6, END, 3, 3, 3, 3, 9),
  labels: Int32Array.of(_, _, 5, 6, END, _, _, _, _, 9),
  offsets: Int32Array.of(0, 5, 10),
};
const measure = definitionOf({ task: 'causal-lm' }).measureTexts!;
const settings = { maxNewTokens: 4, rows: 9 };

it('compares with what counts, without the tokens that end it; a prompt that leaves no position has an empty text', async () => {
  const told: number[] = [];
  const { writers, state } = counting(4);
  const watch = { onToken: (texts: number) => void told.push(texts) };
  const { metrics, interval95 } = await scoreTexts('trained', split, { writers, settings, measure, watch });
  // The first text is 5 6, at the last position of which it is cut off.
  expect(metrics).toMatchObject({ exactMatch: 0.5, rouge1: 0.5, rougeL: 0.5 });
  expect(metrics.generated).toEqual({ rows: 2, of: 2, maxNewTokens: 4, cutOff: 2 });
  expect(interval95).toMatchObject({ exactMatch: wilson(1, 2), rouge1: [0, 1] });
  expect(told).toEqual([0, 0, 2]);
  expect(state.released).toBe(1);
});

it('ends between two tokens, and frees the model, where the evaluation is to end', async () => {
  const { writers, state } = counting(64);
  let tokens = 0;
  const watch = {
    onToken() {
      if (++tokens === 2) throw new Interrupted(0);
    },
  };
  await expect(scoreTexts('base', split, { writers, settings, measure, watch })).rejects.toThrow(Interrupted);
  expect(state.released).toBe(1);
});

it('says in words that no row has a prompt', async () => {
  const { writers } = counting(64);
  const whole = { ...split, labels: split.inputIds };
  const watch = { onToken: () => undefined };
  await expect(scoreTexts('base', whole, { writers, settings, measure, watch })).rejects.toThrow(
    /no test row has a prompt/,
  );
});
