import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperError, type HeadKind } from '@temper/contracts';
import { type LoraSpec } from '../schema/index.js';
import { checkModel, readSafetensors, writeSafetensors } from '@temper/models';
import { goldenFolder } from '@temper/models/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkAdapter } from './check-adapter.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adapter-'));
});
afterEach(() => rm(folder, { recursive: true }));

const lora = (settings: Partial<LoraSpec> = {}): LoraSpec => ({
  type: 'lora',
  r: 2,
  alpha: 6,
  dropout: 0,
  ...settings,
});

interface Changes {
  readonly config?: Record<string, unknown>;
  readonly weights?: (tensors: Awaited<ReturnType<typeof readSafetensors>>) => void;
  readonly base?: string;
  readonly task?: HeadKind;
}

/** What the check of a changed golden adapter says; undefined where it fits. */
async function said(adapter: string, spec: LoraSpec, changes: Changes = {}): Promise<string | undefined> {
  await cp(goldenFolder(adapter), folder, { recursive: true });
  const config = join(folder, 'adapter_config.json');
  const saved = JSON.parse(await readFile(config, 'utf8')) as object;
  await writeFile(config, JSON.stringify({ ...saved, ...changes.config }));
  const file = join(folder, 'adapter_model.safetensors');
  const tensors = await readSafetensors(file);
  changes.weights?.(tensors);
  await writeSafetensors(file, tensors);
  const { base = 'llama-tiny', task = 'causal-lm' } = changes;
  const model = await checkModel(goldenFolder(base), task);
  try {
    checkAdapter(folder, spec, model);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(TemperError);
    return (error as TemperError).message;
  }
}

describe('an adapter to start from, against the spec and the base model', () => {
  it('names its modules itself, and fits where all is equal', async () => {
    expect(await said('llama-adapter', lora())).toBeUndefined();
    expect(await said('llama-adapter', lora({ targetModules: ['q_proj', 'down_proj'] }))).toBeUndefined();
    const bert = { base: 'bert-tiny', task: 'sequence-classification' } as const;
    expect(await said('bert-adapter', lora(), bert)).toBeUndefined();
  });

  it('may name the modules that are trained whole by their ends, where the adapter has them in full', async () => {
    const norms = [0, 1].map((layer) => `model.layers.${layer}.input_layernorm`);
    const base = await readSafetensors(join(goldenFolder('llama-tiny'), 'model.safetensors'));
    const saving = (names: readonly string[]): Changes => ({
      config: { modules_to_save: names },
      weights: (tensors) =>
        names.forEach((name) => tensors.set(`base_model.model.${name}.weight`, base.get(`${name}.weight`)!)),
    });
    const saved = (...modulesToSave: string[]) => lora({ modulesToSave });
    expect(await said('llama-adapter', saved('input_layernorm'), saving(norms))).toBeUndefined();
    expect(await said('llama-adapter', saved(...norms), saving(norms))).toBeUndefined();
    const differs = /method.modulesToSave: differs from the adapter/;
    expect(await said('llama-adapter', saved('model.norm'), saving(norms))).toMatch(differs);
    expect(await said('llama-adapter', saved(norms[0]!), saving(norms))).toMatch(differs);
    expect(await said('llama-adapter', saved('input_layernorm', 'model.norm'), saving(norms))).toMatch(
      differs,
    );
    const one = saving(norms.slice(0, 1));
    expect(await said('llama-adapter', saved('input_layernorm'), one)).toMatch(
      /layers.1.input_layernorm.weight: missing from the adapter/,
    );
  });

  it('says all that differs at once', async () => {
    const spec = lora({ r: 4, alpha: 8, targetModules: ['q_proj', 'v_proj'] });
    const text = await said('llama-adapter', spec);
    expect(text).toMatch(/method.r: differs.*found 4; allowed: 2 \(adapter_config.json\), or nothing/);
    expect(text).toMatch(/method.alpha: differs.*found 8; allowed: 6/);
    expect(text).toMatch(/v_proj.lora_A.weight: missing from the adapter/);
    expect(text).toMatch(
      /method.targetModules: leaves out 4 weights .*allowed: (q_proj, down_proj|down_proj, q_proj), or no targetModules/,
    );
  });

  it.each([
    ['lora_bias', true],
    ['bias', 'all'],
    ['init_lora_weights', 'pissa'],
    ['init_lora_weights', 'olora'],
    ['layer_replication', [[0, 2]]],
    ['trainable_token_indices', [1, 2]],
    ['target_parameters', ['experts.w']],
    ['something_that_is_not_known', true],
  ])('refuses %s: %j by its name', async (name, value) => {
    expect(await said('llama-adapter', lora(), { config: { [name]: value } })).toMatch(
      new RegExp(`^method.initFrom: the adapter uses ${name}, which is not supported`),
    );
  });

  it('takes from the adapter what the spec does not say, and says where it contradicts it', async () => {
    const open: LoraSpec = { type: 'lora' };
    expect(await said('llama-adapter', open)).toBeUndefined();
    expect(await said('llama-adapter', { ...open, dropout: 0.3, layersToTransform: [0, 1] })).toBeUndefined();
    const config = { use_dora: true, rank_pattern: { q_proj: 4 }, alpha_pattern: { down_proj: 3 } };
    expect(await said('llama-adapter', open, { config })).toMatch(
      /q_proj.lora_A.weight: has another shape.*allowed: F32 \[4, 16\]/,
    );
    const text = await said(
      'llama-adapter',
      { ...open, useDora: false, rankPattern: { q_proj: 8 } },
      { config },
    );
    expect(text).toMatch(/method.useDora: differs.*found false; allowed: true/);
    expect(text).toMatch(/method.rankPattern: differs.*found {"q_proj":8}; allowed: {"q_proj":4}/);
    expect(await said('llama-adapter', { ...open, r: 8 })).toMatch(/method.r: differs.*found 8; allowed: 2/);
    expect(await said('llama-adapter', open, { config: { modules_to_save: ['norm'] } })).toMatch(
      /model.norm.weight: missing from the adapter/,
    );
  });

  it.each([
    ['embed_tokens', 'model.embed_tokens'],
    ['lm_head', 'lm_head'],
  ])('refuses one that has %s whole, which is one with the other here', async (name, module) => {
    const base = await readSafetensors(join(goldenFolder('llama-tiny'), 'model.safetensors'));
    const weights: Changes['weights'] = (tensors) =>
      tensors.set(`base_model.model.${module}.weight`, base.get('model.embed_tokens.weight')!);
    expect(
      await said('llama-adapter', { type: 'lora' }, { config: { modules_to_save: [name] }, weights }),
    ).toMatch(/method.modulesToSave: the base model has one table for its embeddings and its head/);
  });

  it('refuses an adapter of another kind, and one of another model', async () => {
    expect(await said('llama-adapter', lora(), { config: { peft_type: 'IA3' } })).toMatch(
      /method.type: differs.*found lora; allowed: ia3 .*"IA3"/,
    );
    expect(await said('bert-adapter', lora())).toMatch(/changes 4 modules that the base model does not have/);
    const other = await said('llama-adapter', lora(), { base: 'llama3-tiny' });
    expect(other).toMatch(/lora_B.weight: has another shape.*allowed: F32 \[32, 2\]/);
  });

  it('refuses weights that are missing, of no module, or no numbers', async () => {
    const name = 'base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight';
    expect(await said('llama-adapter', lora(), { weights: (t) => t.delete(name) })).toMatch(
      /q_proj.lora_B.weight: missing from the adapter/,
    );
    const one = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const;
    expect(
      await said('llama-adapter', lora(), { weights: (t) => t.set('base_model.model.odd.weight', one) }),
    ).toMatch(/leaves out 1 weights of the adapter; found base_model.model.odd.weight/);
    const spoil: Changes = { weights: (t) => ((t.get(name)!.data as Float32Array)[3] = NaN) };
    expect(await said('llama-adapter', lora(), spoil)).toMatch(/NaN or infinite; found the first at 3/);
  });

  it('tells pickles and pointers from weights', async () => {
    const check = () => checkAdapter(folder, lora());
    await cp(goldenFolder('llama-adapter'), folder, { recursive: true });
    const weights = join(folder, 'adapter_model.safetensors');
    await writeFile(weights, 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
    expect(check).toThrow(/is a Git LFS pointer.*git lfs pull/);
    await rm(weights);
    expect(check).toThrow(/no adapter_model.safetensors in this folder/);
    await writeFile(join(folder, 'adapter_model.bin'), '');
    expect(check).toThrow(/pickled weights alone.*safe_serialization/);
    await writeFile(join(folder, 'adapter_config.json'), '[]');
    expect(check).toThrow(/adapter_config.json is not an object/);
    await truncate(join(folder, 'adapter_config.json'), 2 ** 31);
    expect(check).toThrow(/too long for what it is/);
    await rm(join(folder, 'adapter_config.json'));
    execFileSync('mkfifo', [join(folder, 'adapter_config.json')]);
    expect(check).toThrow(/is no file/);
  });
});
