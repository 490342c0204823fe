import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { headOfAdapter } from './adapter-head.js';
import { checkModel } from './check.js';
import { bfloat16ToFloat32 } from './formats/floats.js';
import { readSafetensors, writeSafetensors, type Tensor } from './formats/safetensors.js';
import { buildForward } from './forward.js';
import { classesOfHead } from './head.js';
import { openModel } from './model.js';
import { prepareModel } from './prepare.js';
import { goldenFolder, largestDifference, logitsOf, readGolden } from './testing.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-'));
});
afterEach(() => rm(folder, { recursive: true }));

const copyOf = async (name: string) => {
  const copy = join(folder, name);
  await cp(goldenFolder(name), copy, { recursive: true });
  return copy;
};
const changeConfig = async (model: string, change: Record<string, unknown>) => {
  const file = join(model, 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...config, ...change }));
};
const changeWeights = async (model: string, change: (tensors: Map<string, Tensor>) => void) => {
  const file = join(model, 'model.safetensors');
  const tensors = await readSafetensors(file);
  change(tensors);
  await writeSafetensors(file, tensors);
};

describe('the classes of a head', () => {
  it('are known where the files have one that is whole', async () => {
    const whole = await copyOf('bert-tiny');
    expect(classesOfHead(await openModel(whole), 'sequence-classification')).toBe(3);
    await changeWeights(whole, (tensors) => tensors.delete('classifier.bias'));
    expect(classesOfHead(await openModel(whole), 'sequence-classification')).toBeUndefined();
    expect(
      classesOfHead(await openModel(goldenFolder('bert-bare')), 'sequence-classification'),
    ).toBeUndefined();
  });
});

describe('the preflight of a base model', () => {
  it('tells what it is', async () => {
    expect(await checkModel(goldenFolder('llama-tiny'), 'causal-lm')).toMatchObject({
      format: 'directory',
      path: goldenFolder('llama-tiny'),
      family: 'llama',
      architecture: 'LlamaForCausalLM',
      // embeddings 32·16; a layer: q, o 16·16, k, v 8·16, three 16·24, two norms; last norm
      parameters: 512 + 2 * (2 * 256 + 2 * 128 + 3 * 384 + 32) + 16,
      maxPositions: 64,
      vocabularySize: 32,
    });
  });

  it('finds weights that are no numbers only where they are read', async () => {
    const model = await copyOf('llama-tiny');
    await changeWeights(model, (tensors) => {
      const up = tensors.get('model.layers.1.mlp.up_proj.weight')!;
      (up.data as Float32Array).fill(NaN, 5, 7);
    });
    const { checkFinite, bytes } = await checkModel(model, 'causal-lm');
    expect(bytes).toBe(4 * 4432);
    await expect(checkFinite()).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      problems: [{ path: `${model}: model.layers.1.mlp.up_proj.weight`, found: '2, the first at 5' }],
    });
    await (await checkModel(goldenFolder('llama-tiny.gguf'), 'causal-lm')).checkFinite();
  });

  it('a pipe, a folder and a link that leads nowhere are told, not waited for', async () => {
    const model = await copyOf('llama-tiny');
    const weights = join(model, 'model.safetensors');
    await rm(weights);
    execFileSync('mkfifo', [weights]);
    await expect(checkModel(model, 'causal-lm')).rejects.toThrow(/model.safetensors: is no file/);
    await rm(weights);
    await symlink('nowhere', weights);
    await expect(checkModel(model, 'causal-lm')).rejects.toThrow(/is a link that leads nowhere/);
    await rm(weights);
    await mkdir(weights);
    await expect(checkModel(model, 'causal-lm')).rejects.toThrow(/model.safetensors: is no file/);
  });

  it('finds the one model inside a package', async () => {
    await mkdir(join(folder, 'package', 'data'), { recursive: true });
    await cp(goldenFolder('bert-tiny'), join(folder, 'package', 'data', 'model'), { recursive: true });
    const found = await checkModel(folder, 'sequence-classification');
    expect(found.path).toBe(join(folder, 'package', 'data', 'model'));
    await copyOf('llama-tiny');
    await expect(checkModel(folder, 'causal-lm')).rejects.toThrow(/holds more than one model/);
  });

  it('names an unsupported family and those that are supported', async () => {
    const model = await copyOf('bert-tiny');
    await changeConfig(model, { model_type: 't5' });
    await expect(checkModel(model, 'causal-lm')).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      problems: [{ found: 't5', allowed: expect.stringContaining('distilbert, electra') as string }],
    });
  });

  it('names settings that are not supported, all at once', async () => {
    const model = await copyOf('llama-tiny');
    await changeConfig(model, {
      hidden_act: 'mish',
      num_key_value_heads: 3,
      rope_parameters: { rope_type: 'ntk' },
    });
    const error = await checkModel(model, 'causal-lm').catch((e: unknown) => e as Error);
    expect(String(error)).toMatch(/hidden_act[^]*num_key_value_heads[^]*rope_parameters.*ntk/);
  });

  it('refuses a task that the family does not have', async () => {
    await expect(checkModel(goldenFolder('bert-tiny'), 'causal-lm')).rejects.toMatchObject({
      code: 'SPEC_INVALID',
      problems: [
        {
          path: 'task',
          allowed: 'sequence-classification, token-classification, masked-lm, embedding, question-answering',
        },
      ],
    });
  });

  it('lists every missing and misshapen weight', async () => {
    const model = await copyOf('llama-tiny');
    await changeWeights(model, (tensors) => {
      tensors.delete('model.layers.0.self_attn.q_proj.weight');
      tensors.delete('model.norm.weight');
      const up = tensors.get('model.layers.1.mlp.up_proj.weight')!;
      tensors.set('model.layers.1.mlp.up_proj.weight', { ...up, shape: [16, 24] });
    });
    await expect(checkModel(model, 'causal-lm')).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      problems: [
        { path: `${model}: model.layers.0.self_attn.q_proj.weight`, message: 'missing from the weights' },
        { path: `${model}: model.layers.1.mlp.up_proj.weight`, found: '[16, 24]', allowed: '[24, 16]' },
        { path: `${model}: model.norm.weight`, message: 'missing from the weights' },
      ],
    });
  });

  it('refuses what is no model at all', async () => {
    await expect(checkModel(join(folder, 'nothing'), 'causal-lm')).rejects.toThrow(/no such file or folder/);
    await expect(checkModel(folder, 'causal-lm')).rejects.toThrow(/holds no model/);
    await writeFile(join(folder, 'config.json'), '{"model_type": ');
    await expect(checkModel(folder, 'causal-lm')).rejects.toMatchObject({ code: 'MODEL_CORRUPT' });
  });
});

describe('names of weights', () => {
  it('are those of the task model, with or without the prefix, and from old checkpoints', async () => {
    const model = await copyOf('bert-tiny');
    const golden = readGolden('bert-tiny/golden.json');
    await changeWeights(model, (tensors) => {
      for (const [name, tensor] of [...tensors]) {
        tensors.delete(name);
        const old = name
          .replace('LayerNorm.weight', 'LayerNorm.gamma')
          .replace('LayerNorm.bias', 'LayerNorm.beta');
        tensors.set(old.replace(/^bert\./, ''), tensor);
      }
      tensors.set('embeddings.position_ids', { dtype: 'I64', shape: [1], data: BigInt64Array.of(0n) });
    });
    const opened = await openModel(model);
    expect([...opened.weights.keys()].sort()).toEqual(
      [...(await openModel(goldenFolder('bert-tiny'))).weights.keys()].sort(),
    );
    const { graph } = buildForward(opened, { task: 'sequence-classification', seed: 0 });
    expect(largestDifference(logitsOf(graph, model, golden), golden.logits)).toBeLessThan(2e-5);
  });
});

describe('preparing a model', () => {
  it('leaves a float32 folder as it is', async () => {
    expect(await prepareModel(goldenFolder('bert-tiny'), folder)).toBe(goldenFolder('bert-tiny'));
  });

  it('widens half precision once, and keeps the tokenizer', async () => {
    const model = await copyOf('llama-tiny');
    await writeFile(join(model, 'tokenizer.json'), '{}');
    await changeWeights(model, (tensors) => {
      for (const [name, tensor] of tensors) {
        const upper = Uint16Array.from(new Uint32Array(tensor.data.buffer), (bits) => bits >>> 16);
        tensors.set(name, { dtype: 'BF16', shape: tensor.shape, data: upper });
      }
    });
    const stored = await readSafetensors(join(model, 'model.safetensors'));
    const prepared = await prepareModel(model, join(folder, 'cache'));
    const name = 'model.layers.0.mlp.up_proj.weight';
    const widened = await readSafetensors(join(prepared, 'model.safetensors'));
    expect(widened.get(name)).toEqual({
      dtype: 'F32',
      shape: [24, 16],
      data: bfloat16ToFloat32(stored.get(name)!.data as Uint16Array),
    });
    expect((await openModel(prepared)).tokenizerFiles).toEqual(['tokenizer.json']);
    expect(await prepareModel(model, join(folder, 'cache'))).toBe(prepared);
  });

  it('replaces symbolic links, which ONNX Runtime refuses', async () => {
    const model = join(folder, 'snapshot');
    await mkdir(model);
    for (const name of ['config.json', 'model.safetensors']) {
      await symlink(join(goldenFolder('llama-tiny'), name), join(model, name));
    }
    const prepared = await prepareModel(model, join(folder, 'cache'));
    expect(prepared).not.toBe(model);
    expect((await openModel(prepared)).weights.size).toBe((await openModel(model)).weights.size);
  });
});

describe('the classification head in the files', () => {
  it('is used, or made anew from the seed where its classes are others; the pooler below it stays', async () => {
    const model = await openModel(goldenFolder('bert-tiny'));
    const task = 'sequence-classification';
    expect(buildForward(model, { task, seed: 0 }).initialized).toEqual([]);
    const made = buildForward(model, { task, seed: 0, newHead: true });
    expect(made.initialized).toEqual(['classifier.weight', 'classifier.bias']);
  });

  it('of an adapter has its classes, and the names that Temper keeps beside it', async () => {
    const adapter = join(folder, 'adapter');
    await cp(goldenFolder('bert-adapter'), adapter, { recursive: true });
    expect(await headOfAdapter(adapter)).toEqual({ classes: 3, names: undefined });
    await writeFile(join(adapter, 'temper.json'), JSON.stringify({ labelNames: ['a', 'b', 'c'] }));
    expect(await headOfAdapter(adapter)).toEqual({ classes: 3, names: ['a', 'b', 'c'] });
    await writeFile(join(adapter, 'temper.json'), '{');
    expect(await headOfAdapter(adapter)).toEqual({ classes: 3, names: undefined });
    expect(await headOfAdapter(goldenFolder('llama-adapter'))).toBeUndefined();
    expect(await headOfAdapter(folder)).toBeUndefined();
  });

  it('has its number of classes, and is none in a bare model or a language model', async () => {
    const classesOf = async (name: string) =>
      classesOfHead(await openModel(goldenFolder(name)), 'sequence-classification');
    expect(await classesOf('bert-tiny')).toBeGreaterThan(1);
    expect(await classesOf('bert-bare')).toBeUndefined();
    expect(await classesOf('llama-tiny')).toBeUndefined();
  });
});
