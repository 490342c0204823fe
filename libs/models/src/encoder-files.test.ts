import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HeadKind } from './architectures/family.js';
import { checkModel } from './check.js';
import { readSafetensors, writeSafetensors, type Tensor } from './formats/safetensors.js';
import { buildForward } from './forward.js';
import { headsInFiles } from './head.js';
import { modelSizes, openModel } from './model.js';
import { prepareModel } from './prepare.js';
import { goldenFolder, largestDifference, logitsOf, readGolden, type Golden } from './testing.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encoder-'));
});
afterEach(() => rm(folder, { recursive: true }));

const goldenOf = (name: string) =>
  readGolden(`encoders/${name}/golden.json`) as Golden & {
    readonly heads: Readonly<Record<HeadKind, { readonly logits: number[][] }>>;
  };

/** A copy of a golden encoder whose tensors and settings are changed. */
async function changed(
  name: string,
  change: (tensors: Map<string, Tensor>) => Map<string, Tensor>,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const copy = join(folder, name);
  await cp(goldenFolder(`encoders/${name}`), copy, { recursive: true });
  const weights = join(copy, 'model.safetensors');
  await writeSafetensors(weights, change(await readSafetensors(weights)));
  const config = JSON.parse(await readFile(join(copy, 'config.json'), 'utf8')) as object;
  await writeFile(join(copy, 'config.json'), JSON.stringify({ ...config, ...settings }));
  return copy;
}

const renamed = (tensors: Map<string, Tensor>, name: (old: string) => string) =>
  new Map([...tensors].map(([old, tensor]) => [name(old), tensor]));

/** How far the logits of the folder's model are from transformers' of the model that it was made of. */
async function distance(from: string, name: string, task: HeadKind): Promise<number> {
  const model = await openModel(from);
  const { graph, initialized } = buildForward(model, { task, seed: 0 });
  expect(initialized).toEqual([]);
  const golden = goldenOf(name);
  return largestDifference(logitsOf(graph, model.folder, golden), golden.heads[task].logits);
}

const buffer: Tensor = { dtype: 'I64', shape: [1, 2], data: BigInt64Array.of(0n, 1n) };

describe('the files of an encoder', () => {
  it.each([
    ['bert', 'bert.'],
    ['distilbert', 'distilbert.'],
    ['roberta', 'roberta.'],
    ['xlm-roberta', 'roberta.'],
    ['electra', 'electra.'],
    ['albert', 'albert.'],
    ['mpnet', 'mpnet.'],
    ['deberta-v3', 'deberta.'],
    ['deberta-v2', 'deberta.'],
    ['modernbert', 'model.'],
  ])('of a bare %s: names without %s, buffers among the weights', async (name, prefix) => {
    const bare = await changed(name, (tensors) =>
      renamed(tensors, (old) => (old.startsWith(prefix) ? old.slice(prefix.length) : old))
        .set('embeddings.position_ids', buffer)
        .set('embeddings.token_type_ids', buffer),
    );
    for (const task of ['embedding', 'sequence-classification'] as const)
      expect(await distance(bare, name, task)).toBeLessThan(1e-6);
  });

  it.each(['bert', 'electra', 'albert', 'deberta-v2'])('of an old %s: gamma and beta', async (name) => {
    const old = await changed(name, (tensors) =>
      renamed(tensors, (now) =>
        now.replace(/(LayerNorm)\.weight$/, '$1.gamma').replace(/(LayerNorm)\.bias$/, '$1.beta'),
      ),
    );
    expect(await distance(old, name, 'masked-lm')).toBeLessThan(1e-6);
  });

  it('have heads of other tasks, which are left alone: a discriminator’s, a pooler’s, the next sentence’s', async () => {
    const one: Tensor = { dtype: 'F32', shape: [1, 16], data: new Float32Array(16) };
    const electra = await changed('electra', (tensors) =>
      tensors.set('discriminator_predictions.dense_prediction.weight', one),
    );
    expect(await distance(electra, 'electra', 'token-classification')).toBeLessThan(1e-6);
    const roberta = await changed('roberta', (tensors) => tensors.set('roberta.pooler.dense.weight', one));
    expect(await distance(roberta, 'roberta', 'sequence-classification')).toBeLessThan(1e-6);
    const bert = await changed('bert', (tensors) => tensors.set('cls.seq_relationship.weight', one));
    expect(await distance(bert, 'bert', 'token-classification')).toBeLessThan(1e-6);
    const deberta = await changed('deberta-v3', (tensors) =>
      tensors
        .set('deberta.embeddings.position_embeddings.weight', one)
        .set('mask_predictions.dense.weight', one),
    );
    expect(await distance(deberta, 'deberta-v3', 'masked-lm')).toBeLessThan(1e-6);
  });

  it('name a tied decoder’s bias either way, and may have another decoder', async () => {
    const decoder = 'cls.predictions.decoder';
    const named = await changed('bert', (tensors) =>
      renamed(tensors, (old) => (old === 'cls.predictions.bias' ? `${decoder}.bias` : old)),
    );
    expect(await distance(named, 'bert', 'masked-lm')).toBeLessThan(1e-6);
    const table = 'bert.embeddings.word_embeddings.weight';
    const twice = await changed('bert', (tensors) => tensors.set(`${decoder}.weight`, tensors.get(table)!));
    expect(await distance(twice, 'bert', 'masked-lm')).toBeLessThan(1e-6);
    const other = await changed('bert', (tensors) =>
      tensors
        .set(`${decoder}.weight`, { ...tensors.get(table)!, data: new Float32Array(32 * 16) })
        .set(`${decoder}.bias`, { dtype: 'F32', shape: [32], data: new Float32Array(32).fill(2) }),
    );
    const model = await openModel(other);
    const { graph } = buildForward(model, { task: 'masked-lm', seed: 0 });
    expect(new Set(logitsOf(graph, other, goldenOf('bert')))).toEqual(new Set([2]));
  });

  it('in half precision keep all heads when they are widened', async () => {
    const half = await changed(
      'modernbert',
      (tensors) => new Map([...tensors].map(([n, t]) => [n, truncated(t)])),
    );
    const wide = await prepareModel(half, join(folder, 'cache'));
    expect(wide).not.toBe(half);
    // transformers refuses a 2 there.
    expect(await readFile(join(wide, 'config.json'), 'utf8')).toContain('"initializer_cutoff_factor": 2.0,');
    for (const task of ['sequence-classification', 'masked-lm'] as const)
      expect(await distance(wide, 'modernbert', task)).toBeLessThan(0.2);
  });

  it('in shards, inside a folder of sentence-transformers', async () => {
    const whole = await changed('mpnet', (tensors) => tensors);
    const tensors = [...(await readSafetensors(join(whole, 'model.safetensors')))];
    const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    await writeSafetensors(join(whole, first!), new Map(tensors.slice(0, 20)));
    await writeSafetensors(join(whole, second!), new Map(tensors.slice(20)));
    await rm(join(whole, 'model.safetensors'));
    const map = Object.fromEntries(tensors.map(([name], i) => [name, i < 20 ? first : second]));
    await writeFile(join(whole, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
    await mkdir(join(whole, '1_Pooling'));
    await writeFile(
      join(whole, '1_Pooling', 'config.json'),
      JSON.stringify({ pooling_mode_mean_tokens: true }),
    );
    await writeFile(join(whole, 'modules.json'), '[]');
    expect(await checkModel(folder, 'embedding')).toMatchObject({ path: whole, architecture: 'MPNetModel' });
    expect(await distance(whole, 'mpnet', 'embedding')).toBeLessThan(1e-6);
  });
});

/** As bfloat16. */
function truncated({ shape, data }: Tensor): Tensor {
  const bits = new Uint32Array((data as Float32Array).slice().buffer);
  return { dtype: 'BF16', shape, data: Uint16Array.from(bits, (word) => word >>> 16) };
}

describe('the settings of an encoder', () => {
  it.each([
    ['bert', 13],
    ['distilbert', 13],
    ['roberta', 11],
    ['xlm-roberta', 9],
    ['electra', 13],
    ['albert', 13],
    ['mpnet', 11],
    ['deberta-v3', 13],
    ['modernbert', 64],
  ])('%s has positions for %i tokens', async (name, positions) => {
    expect((await modelSizes(goldenFolder(`encoders/${name}`))).positions).toBe(positions);
  });

  it.each([
    ['deberta-v3', { conv_kernel_size: 3 }, /conv_kernel_size: is not supported.*3/],
    ['deberta-v3', { pos_att_type: 'p2p|c2p' }, /pos_att_type: is not supported.*c2p, p2c/],
    ['deberta-v3', { pooler_hidden_size: 8 }, /pooler_hidden_size: is not supported.*16/],
    ['mpnet', { relative_attention_num_buckets: 16 }, /relative_attention_num_buckets: is too small.*32/],
    ['modernbert', { layer_types: ['full_attention'] }, /layer_types: is not supported.*4 of full_attention/],
    ['modernbert', { rope_parameters: { rope_theta: 1 } }, /rope_parameters.rope_theta: is no kind of layer/],
    [
      'modernbert',
      { rope_parameters: { full_attention: { rope_type: 'odd' } } },
      /rope_parameters.full_attention.*odd/,
    ],
    ['modernbert', { classifier_pooling: 'max' }, /classifier_pooling: is not supported.*cls, mean/],
    ['roberta', { pad_token_id: 40 }, /pad_token_id: must be the number of a token.*0 to 31/],
    ['roberta', { position_embedding_type: 'relative_key' }, /position_embedding_type: is not supported/],
    ['electra', { hidden_act: 'mish' }, /hidden_act: is not supported.*mish/],
    ['distilbert', { n_heads: 3 }, /n_heads: must divide dim/],
    ['albert', { num_hidden_groups: 4 }, /num_hidden_groups: is more than num_hidden_layers.*1 to 3/],
    ['albert', { inner_group_num: 2 }, /inner_group_num: is not supported.*1/],
  ])('of %s that would compute something else are refused: %o', async (name, settings, message) => {
    const model = await changed(name, (tensors) => tensors, settings);
    await expect(checkModel(model, 'sequence-classification')).rejects.toThrow(message);
  });

  it('of a ModernBERT of transformers 4 are read: thetas and every which layer is global', async () => {
    const old = await changed('modernbert-biased', (tensors) => tensors, {
      layer_types: undefined,
      rope_parameters: undefined,
      global_attn_every_n_layers: 3,
      global_rope_theta: 500,
      local_rope_theta: 20,
    });
    expect(await distance(old, 'modernbert-biased', 'token-classification')).toBeLessThan(1e-6);
  });
});

describe('the heads in the files', () => {
  it('are known by their kind, with their classes', async () => {
    const of = async (path: string) => headsInFiles(await openModel(path));
    const all = await of(goldenFolder('encoders/roberta'));
    expect(all).toEqual({
      'sequence-classification': { classes: 3 },
      'token-classification': { classes: 3 },
      'masked-lm': {},
    });
    expect(await of(goldenFolder('bert-bare'))).toEqual({});
    const without = await changed('roberta', (tensors) => {
      const names = [...tensors.keys()].filter(
        (name) => !/^(lm_head\.dense\.bias|classifier\.out)/.test(name),
      );
      return new Map(names.map((name) => [name, tensors.get(name)!]));
    });
    expect(await of(without)).toEqual({ 'token-classification': { classes: 3 } });
  });
});
