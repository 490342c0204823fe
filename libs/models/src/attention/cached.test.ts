import { evaluateGraph } from '@temper/graph';
import { expect, it } from 'vitest';
import { buildForward } from '../forward.js';
import { openModel } from '../model.js';
import { externalFrom, goldenFolder } from '../testing.js';

/** More than are written to. */
const SLOTS = 14;
const ids = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5];

it.each(['llama-tiny', 'llama3-tiny', 'mistral-tiny'])(
  '%s: a cache gives the logits of the whole sequence',
  async (name) => {
    const folder = goldenFolder(name);
    const model = await openModel(folder);
    const external = externalFrom(folder);
    const inputs = (from: number, to: number) => {
      const shape = [1, to - from];
      return {
        input_ids: { shape, data: ids.slice(from, to) },
        attention_mask: { shape, data: ids.slice(from, to).map(() => 1) },
        token_places: { shape: [to - from, 2], data: ids.slice(from, to).flatMap((_, t) => [0, t]) },
        label_positions: { shape: [1], data: [to - from - 1] },
      };
    };
    const { graph: whole } = buildForward(model, { task: 'causal-lm', seed: 0 });
    const { graph } = buildForward(model, { task: 'causal-lm', seed: 0, attention: 'cached' });
    const pasts = graph.inputs.filter((input) => input.name.startsWith('past_key_values.'));
    expect(pasts.map((input) => input.name).slice(0, 3)).toEqual([
      'past_key_values.0.key',
      'past_key_values.0.value',
      'past_key_values.1.key',
    ]);
    // What is in slots that no token has written to is not seen.
    const anything = (shape: readonly number[]) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return { shape, data: Array.from({ length }, (_, i) => 9 * Math.sin(i)) };
    };
    let cache = Object.fromEntries(
      pasts.map((past) => [
        past.name,
        anything(past.shape.map((d) => (d === 'batch' ? 1 : d === 'slots' ? SLOTS : Number(d)))),
      ]),
    );
    let read = 0;
    // A prompt, one token after the other, and several at once.
    for (const to of [4, 5, 6, 9, 11]) {
      const feeds = { ...inputs(read, to), past_length: { shape: [1], data: [read] }, ...cache };
      const { logits, ...present } = evaluateGraph(graph, feeds, { external });
      cache = Object.fromEntries(
        pasts.map((past) => {
          const { shape, data } = present[past.name.replace('past_key_values', 'present')]!;
          return [past.name, { shape: [...shape], data: [...data] }];
        }),
      );
      const expected = evaluateGraph(whole, inputs(0, to), { external }).logits!.data;
      logits!.data.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-9));
      read = to;
    }
  },
);
