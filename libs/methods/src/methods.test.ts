import { mkdtemp, readFile, rm, writeFile, cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperError, type Task } from '@temper/contracts';
import { methodSchema, type LoraSpec } from './schema/index.js';
import { compile, evaluateGraph, type Graph } from '@temper/graph';
import { buildForward, openModel, readSafetensors } from '@temper/models';
import { externalFrom, goldenFolder, largestDifference, logitsOf, readGolden } from '@temper/models/testing';
import { describe, expect, it } from 'vitest';
import { applyMethod } from './index.js';

const forward = async (name: string, task: Task, labels?: number): Promise<Graph> =>
  buildForward(await openModel(goldenFolder(name)), { task, seed: 5, labels }).graph;
const lora = (settings: Partial<LoraSpec> = {}): LoraSpec => ({
  type: 'lora',
  r: 2,
  alpha: 6,
  dropout: 0,
  ...settings,
});

/** Puts the first values of the trained weights where the graph has them. */
const withValues = (graph: Graph, values: ReadonlyMap<string, Float32Array>): Graph => ({
  ...graph,
  initializers: new Map(
    [...graph.initializers].map(([name, initializer]) => {
      const data = values.get(name);
      return [name, data ? { ...initializer, data: { kind: 'inline', data } } : initializer];
    }),
  ),
});

describe('full fine-tuning', () => {
  it('trains every weight of the checkpoint, once', async () => {
    const graph = await forward('llama-tiny', 'causal-lm');
    const applied = applyMethod(graph, { type: 'full' }, { seed: 0 });
    const stored = await readSafetensors(join(goldenFolder('llama-tiny'), 'model.safetensors'));
    expect([...applied.trainable].sort()).toEqual([...stored.keys()].sort());
    expect(applied.initial.size).toBe(0);
    expect(applied.randomInputs).toEqual([]);
  });

  it('gives the values of a head that is not in the files', async () => {
    const graph = await forward('bert-bare', 'sequence-classification', 3);
    const { trainable, initial } = applyMethod(graph, { type: 'full' }, { seed: 0 });
    expect([...initial.keys()].sort()).toEqual(
      ['bert.pooler.dense.bias', 'bert.pooler.dense.weight', 'classifier.bias', 'classifier.weight'].sort(),
    );
    expect(trainable).toEqual(expect.arrayContaining([...initial.keys()]));
    expect(initial.get('classifier.weight')!.length).toBe(48);
  });
});

describe('LoRA', () => {
  it('starts as the base model: B is zero, A uniform within 1/√in, from the seed', async () => {
    const graph = await forward('llama-tiny', 'causal-lm');
    const applied = applyMethod(graph, lora({ r: 8 }), { seed: 1 });
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
    expect(values(a)).toEqual(values(a, applyMethod(graph, lora({ r: 8 }), { seed: 1 })));
    expect(values(a)).not.toEqual(values(a, applyMethod(graph, lora({ r: 8 }), { seed: 2 })));
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
    const graph = await forward(base, task);
    const spec = lora(targetModules && { targetModules: [...targetModules] });
    const applied = applyMethod(graph, spec, { seed: 0, initFrom: goldenFolder(adapter) });
    const saved = await readSafetensors(join(goldenFolder(adapter), 'adapter_model.safetensors'));
    expect([...applied.trainable].sort()).toEqual([...saved.keys()].sort());
    const golden = readGolden(`${adapter}/golden.json`);
    const logits = logitsOf(withValues(applied.graph, applied.initial), goldenFolder(base), golden);
    expect(largestDifference(logits, golden.logits)).toBeLessThan(3e-5);
  });

  it('leaves out the head of an adapter whose classes are others, whatever their number', async () => {
    const head = ['weight', 'bias'].map((part) => `base_model.model.classifier.${part}`);
    const adapter = goldenFolder('bert-adapter');
    const model = await openModel(goldenFolder('bert-tiny'));
    for (const labels of [3, 5]) {
      const { graph } = buildForward(model, {
        task: 'sequence-classification',
        seed: 5,
        labels,
        newHead: true,
      });
      const { trainable, initial } = applyMethod(graph, lora(), {
        seed: 0,
        initFrom: adapter,
        newHead: true,
      });
      const made = applyMethod(graph, lora(), { seed: 0 }).initial;
      for (const name of head) {
        expect(trainable).toContain(name);
        expect(initial.get(name)).toEqual(made.get(name));
      }
    }
  });

  it('trains the task head too, and a pooler that the files lack', async () => {
    const graph = await forward('bert-bare', 'sequence-classification', 3);
    const { trainable, initial } = applyMethod(graph, lora(), { seed: 0 });
    const whole = trainable.filter((name) => !name.includes('lora_'));
    expect(whole).toEqual([
      'base_model.model.bert.pooler.dense.weight',
      'base_model.model.bert.pooler.dense.bias',
      'base_model.model.classifier.weight',
      'base_model.model.classifier.bias',
    ]);
    expect(whole.every((name) => initial.has(name))).toBe(true);
    // A head that is in the files is trained from there.
    const own = applyMethod(await forward('bert-tiny', 'sequence-classification'), lora(), { seed: 0 });
    expect(own.trainable).toContain('base_model.model.classifier.weight');
    expect(own.initial.has('base_model.model.classifier.weight')).toBe(false);
    expect(own.trainable).not.toContain('base_model.model.bert.pooler.dense.weight');
  });

  it('drops inputs of the adapter by a mask, and scales what is kept', async () => {
    const graph = await forward('llama-tiny', 'causal-lm');
    const still = applyMethod(graph, lora(), { seed: 0 });
    const applied = applyMethod(graph, lora({ dropout: 0.25 }), { seed: 0 });
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
    const scaled = applyMethod(graph, lora({ alpha: 6 / 0.75 }), { seed: 0 });
    expect(largestDifference(logits(applied.graph, 1), [logits(scaled.graph, 1)])).toBeLessThan(1e-12);
    expect(largestDifference(logits(applied.graph, 1), [logits(still.graph, 1)])).toBeGreaterThan(1e-3);
  });

  it('compiles: every trained weight has a gradient', async () => {
    for (const [name, task] of [
      ['llama-tiny', 'causal-lm'],
      ['bert-tiny', 'sequence-classification'],
    ] as const) {
      const graph = await forward(name, task);
      for (const method of [lora(), { type: 'full' } as const]) {
        const applied = applyMethod(graph, method, { seed: 0 });
        const { grad } = compile({ forward: applied.graph, task, trainable: applied.trainable });
        expect(grad.outputs.map((o) => o.name).sort()).toEqual(
          ['loss_sum', ...applied.trainable.map((n) => `grad:${n}`)].sort(),
        );
      }
    }
  });
});

describe('mistakes', () => {
  const problemsOf = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      expect(error).toBeInstanceOf(TemperError);
      expect((error as TemperError).code).toBe('SPEC_INVALID');
      return (error as TemperError).problems;
    }
    throw new Error('no mistake was found');
  };

  it('in target modules are listed with the names that exist', async () => {
    const graph = await forward('llama-tiny', 'causal-lm');
    const spec = lora({ targetModules: ['q_porj', 'v_proj', 'roj'] });
    expect(problemsOf(() => applyMethod(graph, spec, { seed: 0 }))).toEqual([
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
    const graph = await forward('llama-tiny', 'causal-lm');
    const initFrom = goldenFolder('llama-adapter');
    const paths = problemsOf(() =>
      applyMethod(graph, lora({ r: 4, alpha: 8, targetModules: ['q_proj', 'v_proj'] }), {
        seed: 0,
        initFrom,
      }),
    ).map((problem) => `${problem.path}: ${problem.message}`);
    expect(paths).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^method\.r: differs/),
        expect.stringMatching(/^method\.alpha: differs/),
        expect.stringMatching(/q_proj\.lora_A\.weight: has another shape/),
        expect.stringMatching(/v_proj\.lora_A\.weight: missing/),
        expect.stringMatching(/^method\.targetModules: leaves out 4 weights/),
      ]),
    );
    expect(
      problemsOf(() => applyMethod(graph, lora(), { seed: 0, initFrom: '/nowhere' }))[0]!.message,
    ).toMatch(/no adapter_config\.json/);
  });

  it('a variant of LoRA that computes something else is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'adapter-'));
    try {
      await cp(goldenFolder('llama-adapter'), folder, { recursive: true });
      const file = join(folder, 'adapter_config.json');
      const config = JSON.parse(await readFile(file, 'utf8')) as object;
      await writeFile(file, JSON.stringify({ ...config, use_dora: true, rank_pattern: { q_proj: 4 } }));
      const graph = await forward('llama-tiny', 'causal-lm');
      const spec = lora({ targetModules: ['q_proj', 'down_proj'] });
      const messages = problemsOf(() => applyMethod(graph, spec, { seed: 0, initFrom: folder })).map(
        (p) => p.message,
      );
      expect(messages.join()).toMatch(/rank_pattern[^]*use_dora/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('the spec’s default method fits', async () => {
    const method = methodSchema.parse(undefined);
    const applied = applyMethod(await forward('llama-tiny', 'causal-lm'), method, { seed: 0 });
    expect(applied.trainable.length).toBe(8);
  });
});
