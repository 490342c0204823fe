import { mkdtemp, readFile, rm, writeFile, cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperError, type HeadKind } from '@temper/contracts';
import { compileGradients, crossEntropyLoss, evaluateGraph, withValues, type Graph } from '@temper/graph';
import { buildForward, openModel, readSafetensors } from '@temper/models';
import { externalFrom, goldenFolder, largestDifference, logitsOf, readGolden } from '@temper/models/testing';
import { describe, expect, it } from 'vitest';
import { buildTrainable, type TrainableOptions } from './index.js';
import { methodSchema, type LoraSpec, type MethodSpec } from './schema/index.js';

interface Model {
  readonly base: string;
  readonly task: HeadKind;
  readonly labels?: number;
}
const llama: Model = { base: 'llama-tiny', task: 'causal-lm' };
const bert: Model = { base: 'bert-tiny', task: 'sequence-classification' };
const bare: Model = { base: 'bert-bare', task: 'sequence-classification', labels: 3 };

/** With the names of what is trained, and its first values where they are not in the model's files. */
async function apply({ base, ...model }: Model, method: MethodSpec, options: Partial<TrainableOptions> = {}) {
  const applied = buildTrainable(await openModel(goldenFolder(base)), method, {
    seed: 0,
    ...model,
    ...options,
  });
  const trainable = applied.trainable.map(({ name }) => name);
  const inline = trainable.flatMap((name) => {
    const { data } = applied.graph.initializers.get(name)!;
    return data.kind === 'inline' ? [[name, data.data as Float32Array] as const] : [];
  });
  return { ...applied, trainable, initial: new Map([...inline, ...applied.initial]) };
}

const forward = async ({ base, ...model }: Model): Promise<Graph> =>
  buildForward(await openModel(goldenFolder(base)), { seed: 0, ...model }).graph;
const lora = (settings: Partial<LoraSpec> = {}): LoraSpec => ({
  type: 'lora',
  r: 2,
  alpha: 6,
  dropout: 0,
  ...settings,
});

describe('full fine-tuning', () => {
  it('trains every weight of the checkpoint, once', async () => {
    const applied = await apply(llama, { type: 'full' });
    const stored = await readSafetensors(join(goldenFolder('llama-tiny'), 'model.safetensors'));
    expect([...applied.trainable].sort()).toEqual([...stored.keys()].sort());
    expect(applied.initial.size).toBe(0);
    expect(applied.randomInputs).toEqual([]);
  });

  it('gives the values of a head that is not in the files', async () => {
    const { trainable, initial } = await apply(bare, { type: 'full' });
    expect([...initial.keys()].sort()).toEqual(
      ['bert.pooler.dense.bias', 'bert.pooler.dense.weight', 'classifier.bias', 'classifier.weight'].sort(),
    );
    expect(trainable).toEqual(expect.arrayContaining([...initial.keys()]));
    expect(initial.get('classifier.weight')!.length).toBe(48);
  });
});

describe('LoRA', () => {
  it('starts as the base model: B is zero, A uniform within 1/√in, from the seed', async () => {
    const applied = await apply(llama, lora({ r: 8 }), { seed: 1 });
    // default targets of this family, PEFT's names
    expect(applied.trainable).toEqual(
      [0, 1].flatMap((layer) =>
        ['q_proj', 'v_proj'].flatMap((module) =>
          ['A', 'B'].map(
            (part) => `base_model.model.model.layers.${layer}.self_attn.${module}.lora_${part}.weight`,
          ),
        ),
      ),
    );
    const values = (name: string, from = applied) => [...from.initial.get(name)!];
    const [a, b] = applied.trainable as [string, string];
    expect(values(b).every((x) => x === 0)).toBe(true);
    expect(Math.max(...values(a).map(Math.abs))).toBeLessThanOrEqual(0.25);
    expect(Math.max(...values(a).map(Math.abs))).toBeGreaterThan(0.23);
    expect(values(a)).toEqual(values(a, await apply(llama, lora({ r: 8 }), { seed: 1 })));
    expect(values(a)).not.toEqual(values(a, await apply(llama, lora({ r: 8 }), { seed: 2 })));
    expect(values(a)).not.toEqual(values(applied.trainable[4]!));
    const golden = readGolden('llama-tiny/golden.json');
    const logits = logitsOf(applied.graph, goldenFolder('llama-tiny'), golden);
    expect(largestDifference(logits, golden.logits)).toBeLessThan(2e-5);
  });

  it.each([
    ['llama-tiny', 'llama-adapter', 'causal-lm', ['q_proj', 'mlp.down_proj']],
    ['llama-tiny', 'llama-adapter', 'causal-lm', undefined],
    ['bert-tiny', 'bert-adapter', 'sequence-classification', undefined],
  ] as const)('%s with a PEFT adapter has PEFT’s logits', async (base, adapter, task, targetModules) => {
    const spec = lora(targetModules && { targetModules: [...targetModules] });
    const applied = await apply({ base, task }, spec, { initFrom: goldenFolder(adapter) });
    const saved = await readSafetensors(join(goldenFolder(adapter), 'adapter_model.safetensors'));
    expect([...applied.trainable].sort()).toEqual([...saved.keys()].sort());
    const golden = readGolden(`${adapter}/golden.json`);
    const logits = logitsOf(withValues(applied.graph, applied.initial), goldenFolder(base), golden);
    expect(largestDifference(logits, golden.logits)).toBeLessThan(3e-5);
  });

  it('leaves out the head of an adapter whose classes are others, whatever their number', async () => {
    const head = ['weight', 'bias'].map((part) => `base_model.model.classifier.${part}`);
    const adapter = goldenFolder('bert-adapter');
    for (const labels of [3, 5]) {
      const model = { ...bert, labels };
      const { trainable, initial } = await apply(model, lora(), { initFrom: adapter, newHead: true });
      const made = (await apply(model, lora(), { newHead: true })).initial;
      for (const name of head) {
        expect(trainable).toContain(name);
        expect(initial.get(name)).toEqual(made.get(name));
      }
    }
  });

  it('trains the task head too, and a pooler that the files lack', async () => {
    const { trainable, initial } = await apply(bare, lora());
    const whole = trainable.filter((name) => !name.includes('lora_'));
    expect(whole).toEqual([
      'base_model.model.bert.pooler.dense.weight',
      'base_model.model.bert.pooler.dense.bias',
      'base_model.model.classifier.weight',
      'base_model.model.classifier.bias',
    ]);
    expect(whole.every((name) => initial.has(name))).toBe(true);
    // A head that is in the files is trained from there.
    const own = await apply(bert, lora());
    expect(own.trainable).toContain('base_model.model.classifier.weight');
    expect(own.initial.has('base_model.model.classifier.weight')).toBe(false);
    expect(own.trainable).not.toContain('base_model.model.bert.pooler.dense.weight');
  });

  it('drops inputs of the adapter by a mask, and scales what is kept', async () => {
    const graph = await forward(llama);
    const still = await apply(llama, lora());
    const applied = await apply(llama, lora({ dropout: 0.25 }));
    expect(still.randomInputs).toEqual([]);
    expect(
      applied.randomInputs.map(({ name, keep, shape }) => [
        name,
        keep,
        shape({ batch: 3, sequence: 7, tokens: 17 }),
      ]),
    ).toEqual(
      [0, 1].flatMap((layer) =>
        ['q_proj', 'v_proj'].map((m) => [
          `lora_dropout.model.layers.${layer}.self_attn.${m}`,
          0.75,
          [17, 16],
        ]),
      ),
    );
    const folder = goldenFolder('llama-tiny');
    const feeds = (keep: number) => ({
      input_ids: { shape: [1, 3], data: [3, 1, 4] },
      attention_mask: { shape: [1, 3], data: [1, 1, 1] },
      token_places: { shape: [3, 2], data: [0, 0, 0, 1, 0, 2] },
      label_positions: { shape: [1], data: [2] },
      ...Object.fromEntries(
        applied.randomInputs.map(({ name }) => [
          name,
          { shape: [3, 16], data: new Array(48).fill(keep) as number[] },
        ]),
      ),
    });
    const values = new Map(
      applied.trainable.map((name) => [name, applied.initial.get(name)!.map((x, i) => x || 0.01 * (i % 7))]),
    );
    const logits = (changed: Graph, keep: number) => [
      ...evaluateGraph(withValues(changed, values), feeds(keep), { external: externalFrom(folder) }).logits!
        .data,
    ];
    // Nothing kept: the base model. Everything kept: the update times 1/keep, as with α/0.75.
    expect(logits(applied.graph, 0)).toEqual([
      ...evaluateGraph(graph, feeds(0), { external: externalFrom(folder) }).logits!.data,
    ]);
    const scaled = await apply(llama, lora({ alpha: 6 / 0.75 }));
    expect(largestDifference(logits(applied.graph, 1), [logits(scaled.graph, 1)])).toBeLessThan(1e-12);
    expect(largestDifference(logits(applied.graph, 1), [logits(still.graph, 1)])).toBeGreaterThan(1e-3);
  });

  it('compiles: every trained weight has a gradient', async () => {
    for (const model of [llama, bert]) {
      for (const method of [lora(), { type: 'full' } as const]) {
        const applied = await apply(model, method);
        const grad = compileGradients({
          forward: applied.graph,
          loss: crossEntropyLoss('correct'),
          trainable: applied.trainable,
        });
        expect(grad.outputs.map((o) => o.name).sort()).toEqual(
          ['loss_sum', ...applied.trainable.map((n) => `grad:${n}`)].sort(),
        );
      }
    }
  });
});

describe('mistakes', () => {
  const problemsOf = async (run: Promise<unknown>) => {
    try {
      await run;
    } catch (error) {
      expect(error).toBeInstanceOf(TemperError);
      expect((error as TemperError).code).toBe('SPEC_INVALID');
      return (error as TemperError).problems;
    }
    throw new Error('no mistake was found');
  };

  it('in target modules are listed with the names that exist', async () => {
    const spec = lora({ targetModules: ['q_porj', 'v_proj', 'roj'] });
    expect(await problemsOf(apply(llama, spec))).toEqual([
      expect.objectContaining({
        path: 'method.targetModules',
        found: 'q_porj',
        hint: 'did you mean q_proj?',
      }),
      expect.objectContaining({
        found: 'roj',
        allowed: expect.stringContaining(
          'q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj',
        ) as string,
      }),
    ]);
  });

  it('in an adapter to start from are reported all at once', async () => {
    const initFrom = goldenFolder('llama-adapter');
    const spec = lora({ r: 4, alpha: 8, targetModules: ['q_proj', 'v_proj'] });
    const paths = (await problemsOf(apply(llama, spec, { initFrom }))).map(
      (problem) => `${problem.path}: ${problem.message}`,
    );
    expect(paths).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^method\.r: differs/),
        expect.stringMatching(/^method\.alpha: differs/),
        expect.stringMatching(/v_proj\.lora_A\.weight: missing/),
        expect.stringMatching(/^method\.targetModules: leaves out 4 weights/),
      ]),
    );
    const [problem] = await problemsOf(apply(llama, lora(), { initFrom: '/nowhere' }));
    expect(problem!.message).toMatch(/no adapter_config\.json/);
  });

  it('a variant of LoRA that computes something else is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'adapter-'));
    try {
      await cp(goldenFolder('llama-adapter'), folder, { recursive: true });
      const file = join(folder, 'adapter_config.json');
      const config = JSON.parse(await readFile(file, 'utf8')) as object;
      await writeFile(file, JSON.stringify({ ...config, lora_bias: true, target_parameters: ['w'] }));
      const spec = lora({ targetModules: ['q_proj', 'down_proj'] });
      const messages = (await problemsOf(apply(llama, spec, { initFrom: folder }))).map((p) => p.message);
      expect(messages.join()).toMatch(/target_parameters[^]*lora_bias|lora_bias[^]*target_parameters/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('the spec’s default method fits', async () => {
    const method = methodSchema.parse(undefined);
    const applied = await apply(llama, method);
    expect(applied.trainable.length).toBe(8);
  });
});
