import { checkModel, openModel, readWeight } from '@temper/models';
import { goldenFolder } from '@temper/models/testing';
import { describe, expect, it } from 'vitest';
import { buildTrainable, checkMethod, mergeRefusal } from './index.js';
import { methodSchema } from './schema/index.js';

const folder = goldenFolder('llama-tiny');
const firstRows = async (method: object, startTokens?: number[]) => {
  const spec = methodSchema.parse({ type: 'prompt-tuning', numVirtualTokens: 3, ...method });
  const options = { task: 'causal-lm', seed: 7, startTokens } as const;
  const { graph, trainable } = buildTrainable(await openModel(folder), spec, options);
  expect(trainable.map(({ name, shape }) => [name, shape])).toEqual([['prompt_embeddings', [3, 16]]]);
  const { data } = graph.initializers.get('prompt_embeddings')!;
  return [...(data as { data: Float32Array }).data];
};

describe('prompt tuning', () => {
  it('starts with the tokens of a text, repeated to the length', async () => {
    const table = readWeight(await openModel(folder), 'model.embed_tokens.weight');
    const row = (id: number) => [...table.subarray(16 * id, 16 * id + 16)];
    const rows = await firstRows({ initText: 'a text' }, [5, 9]);
    expect(rows).toEqual([...row(5), ...row(9), ...row(5)]);
  });

  it('starts with rows of the vocabulary that follow from the seed, or with normal numbers', async () => {
    const table = readWeight(await openModel(folder), 'model.embed_tokens.weight');
    const known = new Set(
      Array.from({ length: 32 }, (_, id) => table.subarray(16 * id, 16 * id + 16).join()),
    );
    const rows = await firstRows({});
    expect(rows).toEqual(await firstRows({ init: 'vocabulary' }));
    for (const at of [0, 16, 32]) expect(known).toContain(rows.slice(at, at + 16).join());
    expect(known).not.toContain((await firstRows({ init: 'random' })).slice(0, 16).join());
  });

  it('is told what contradicts itself, and cannot be merged', async () => {
    const model = await checkModel(folder, 'causal-lm');
    const check = (method: object) =>
      checkMethod(methodSchema.parse({ type: 'prompt-tuning', ...method }), model);
    expect(() => check({ init: 'text' })).toThrow(/initText/);
    expect(() => check({ init: 'random', initText: 'a' })).toThrow(/makes nothing of initText/);
    const filling = await checkModel(goldenFolder('bert-tiny'), 'masked-lm');
    expect(() => checkMethod(methodSchema.parse({ type: 'prompt-tuning' }), filling)).toThrow(
      /PEFT does not do for the task masked-lm/,
    );
    expect(mergeRefusal(methodSchema.parse({ type: 'prompt-tuning' }))).toMatch(/in front of each text/);
  });
});

describe('prefix tuning', () => {
  it('is for language models, and says so', async () => {
    const model = await checkModel(goldenFolder('bert-tiny'), 'sequence-classification');
    const check = () => checkMethod(methodSchema.parse({ type: 'prefix-tuning' }), model);
    expect(check).toThrow(/it is for the task causal-lm.*prompt-tuning/s);
  });
});
