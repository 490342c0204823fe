import { describe, expect, it } from 'vitest';
import type { HeadKind } from './architectures/family.js';
import { buildForward } from './forward.js';
import { openModel } from './model.js';
import { goldenFolder, largestDifference, logitsOf, readGolden, type Golden } from './testing.js';

/** Logits of transformers in training, with masks by a rule (`dropped` of goldens/make.py). */
interface Dropped extends Golden {
  readonly rates: Readonly<Record<string, number>>;
}

/** The same by the kind of head (`dropped` of goldens/make_encoders.py). */
interface EncodersDropped extends Golden {
  readonly dropped: Readonly<Partial<Record<HeadKind, Pick<Dropped, 'rates' | 'logits'>>>>;
}

const build = async (name: string, task: HeadKind, dropout: 'config' | number, rates: object = {}) => {
  const model = await openModel(goldenFolder(name));
  const changed = { ...model, config: { ...model.config, ...rates } };
  return buildForward(changed, { task, seed: 0, dropout });
};

/** The rule, for the i-th place's element c of position s of example b. */
const kept = (i: number, b: number, s: number, c: number) => ((7 * i + 5 * b + 3 * s + c) % 4 === 0 ? 0 : 1);

/** Masks of a golden's batch, where our graphs leave padding out or ask for the first tokens alone. */
function masks({ randomInputs }: Awaited<ReturnType<typeof build>>, { attention_mask: real }: Golden) {
  const sequence = real[0]!.length;
  const places = real.flatMap((row, b) => row.flatMap((is, s) => (is ? [[b, s] as const] : [])));
  const sizes = { batch: real.length, sequence, tokens: places.length };
  return randomInputs.map(({ name, shape }, i) => {
    const dims = shape(sizes);
    const [rows, width] = [dims.at(-2)!, dims.at(-1)!];
    const data: number[] = [];
    if (dims.length === 2) {
      for (let row = 0; row < rows; row++) {
        const [b, s] = rows === places.length ? places[row]! : [row, 0];
        for (let c = 0; c < width; c++) data.push(kept(i, b, s, c));
      }
    } else {
      // [B, KV, S·G, S]: row s·G + g is query head kv·G + g; of a first token alone [B, heads, 1, S].
      const group = Math.max(1, rows / sequence);
      const [batch, heads] = [dims[0]!, dims[1]!];
      for (let at = 0; at < batch * heads * rows * width; at++) {
        const [key, row] = [at % width, Math.floor(at / width) % rows];
        const kv = Math.floor(at / (width * rows)) % heads;
        const head = kv * group + (row % group);
        const b = Math.floor(at / (width * rows * heads));
        data.push(kept(i, b, Math.floor(row / group), head * width + key));
      }
    }
    return [name, { shape: dims, data }] as const;
  });
}

describe('the dropout of a model', () => {
  it.each([
    ['bert-tiny', 'sequence-classification', [0.8, 0.6, 0.8, 0.8, 0.6, 0.8, 0.8, 0.7]],
    ['llama-tiny', 'causal-lm', [0.6, 0.6]],
  ] as const)('%s has the rates of its configuration at transformers’ places', async (name, task, keep) => {
    const golden = readGolden(`${name}/dropout.json`) as Dropped;
    const forward = await build(name, task, 'config', golden.rates);
    expect(forward.randomInputs.map((input) => +input.keep.toFixed(9))).toEqual(keep);
    const fed = Object.fromEntries(masks(forward, golden));
    const logits = logitsOf(forward.graph, goldenFolder(name), golden, fed);
    expect(largestDifference(logits, golden.logits)).toBeLessThan(2e-5);
  });

  it.each(
    ['bert', 'distilbert', 'roberta', 'electra', 'albert', 'mpnet', 'deberta-v3', 'modernbert'].flatMap(
      (name) =>
        (['sequence-classification', 'token-classification'] as const).map((task) => [name, task] as const),
    ),
  )('of the encoder %s with a head for %s is at transformers’ places', async (name, task) => {
    const golden = readGolden(`encoders/${name}/golden.json`) as EncodersDropped;
    const { rates, logits } = golden.dropped[task]!;
    const forward = await build(`encoders/${name}`, task, 'config', rates);
    const fed = Object.fromEntries(masks(forward, golden));
    const found = logitsOf(forward.graph, goldenFolder(`encoders/${name}`), golden, fed);
    expect(largestDifference(found, logits)).toBeLessThan(2e-5);
  });

  it('is one rate for all places where a number is given, and none by default', async () => {
    const one = await build('bert-tiny', 'sequence-classification', 0.25);
    expect(one.randomInputs.map(({ keep }) => keep)).toEqual(new Array(8).fill(0.75));
    const none = await build('bert-tiny', 'sequence-classification', 0);
    expect([none.randomInputs, none.graph.inputs.length]).toEqual([[], 3]);
    // transformers' defaults, where config.json is silent.
    const silent = { hidden_dropout_prob: undefined, attention_probs_dropout_prob: undefined };
    const bert = await build('bert-tiny', 'sequence-classification', 'config', silent);
    expect(bert.randomInputs.map(({ keep }) => keep)).toEqual(new Array(8).fill(0.9));
    expect((await build('llama-tiny', 'causal-lm', 'config')).randomInputs).toEqual([]);
  });

  it('refuses a rate that is none', async () => {
    const wrong = build('bert-tiny', 'sequence-classification', 'config', { hidden_dropout_prob: 1 });
    await expect(wrong).rejects.toThrow('hidden_dropout_prob: must be a number from 0 to less than 1');
  });
});
