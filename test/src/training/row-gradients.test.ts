/** Gradients of tables, added up row by row outside of the graph: the same bits as the operator's, whatever was in the arrays before. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '@temper/contracts';
import {
  compileGradients,
  crossEntropyLoss,
  encodeModel,
  GraphBuilder,
  splitRowGradients,
  type Graph,
  type RowGradient,
} from '@temper/graph';
import { numbers } from '@temper/graph/ops/cases';
import { createSessionFactory } from '@temper/onnxruntime';
import { TrainableModel } from '@temper/training/model';
import { ParameterStore } from '@temper/training/parameters';
import { afterAll, beforeAll, expect, it } from 'vitest';

const [WORDS, POSITIONS, WIDTH, CLASSES] = [50, 9, 6, 3];

/** Words by example, positions by token, the last read by negative indices. */
function forwardGraph(): Graph {
  const g = new GraphBuilder('tables');
  const ids = g.input('input_ids', 'int32', ['batch', 'sequence']);
  g.input('attention_mask', 'int32', ['batch', 'sequence']);
  const places = g.distinct(g.op('Cast', [g.input('token_places', 'int32', ['tokens', 2])], { to: 'int64' }));
  const counted = g.distinct(g.input('label_positions', 'int32', ['counted']));
  const weight = (name: string, rows: number, width: number, seed: number) =>
    g.initializer(name, 'float32', [rows, width], {
      kind: 'inline',
      data: Float32Array.from(numbers(rows * width, seed, -1, 1)),
    });
  const words = g.op('Gather', [weight('words', WORDS, WIDTH, 1), ids]);
  const position = g.op('Gather', [places, g.scalar('int64', 1)], { axis: 1 });
  const fromEnd = g.op('Sub', [position, g.scalar('int64', POSITIONS)]);
  const table = weight('positions', POSITIONS, WIDTH, 2);
  const real = g.op('GatherND', [words, places]);
  const rows = g.op('Add', [real, g.op('Gather', [table, fromEnd])]);
  const read = g.op('Gather', [g.op('Tanh', [rows]), counted]);
  g.output(g.op('MatMul', [read, weight('head', WIDTH, CLASSES, 3)]), 'logits');
  return g.build();
}

/** Few words, so that they repeat within an example and between micro-batches. */
function batch(seed: number, batchSize: number, sequenceLength: number): Batch {
  const tokens = batchSize * sequenceLength;
  const random = (below: number, count: number, of: number) =>
    Int32Array.from(numbers(count, of, 0, below), Math.floor);
  return {
    ...{ batchSize, sequenceLength, tokens, paddedTokens: 0, counted: tokens },
    inputIds: random(seed % 2 ? WORDS : 4, tokens, seed),
    attentionMask: new Int32Array(tokens).fill(1),
    places: Int32Array.from({ length: 2 * tokens }, (_, i) =>
      i % 2 ? (i >> 1) % sequenceLength : Math.floor((i >> 1) / sequenceLength),
    ),
    labelPositions: Int32Array.from({ length: tokens }, (_, t) => t),
    labels: random(CLASSES, tokens, seed + 100),
  };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-row-gradients-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function modelOf(name: string, graph: Graph, rowGradients: readonly RowGradient[], forward: Graph) {
  const file = join(folder, `${name}.onnx`);
  await writeFile(file, encodeModel(graph));
  const session = await createSessionFactory('cpu').create(file, { threads: 2 });
  const trainable = ['words', 'positions', 'head'].map((each) => forward.initializers.get(each)!);
  const store = new ParameterStore(
    trainable.map(({ value }) => ({
      name: value.name,
      shape: value.shape as number[],
      decayed: true,
      lrScale: 1,
    })) as never,
  );
  for (const { value, data } of trainable)
    store.view(store.values, value.name).data.set((data as { data: Float32Array }).data);
  store.gradients.fill(NaN); // nothing of what was there stays
  const graphs = { outputs: ['logits'], randomInputs: [], lossInputs: ['labels'], rowGradients } as const;
  const sessions = { gradients: () => Promise.resolve(session), evaluation: () => Promise.resolve(session) };
  return { model: new TrainableModel({ ...graphs, ...sessions }, store), store };
}

it('are the operator’s to the bit, over micro-batches and steps of changing lengths', async () => {
  const forward = forwardGraph();
  const trainable = ['words', 'positions', 'head'];
  const grad = compileGradients({ forward, loss: crossEntropyLoss('logits'), trainable });
  const split = splitRowGradients(grad);
  expect(split.rowGradients.map(({ of }) => of)).toEqual(['grad:words', 'grad:positions']);
  // What is left adds up the gradients of the labels' logits, along axis 1.
  const scatters = split.graph.nodes.filter(({ op }) => op === 'ScatterElements');
  expect(scatters.map(({ attributes }) => attributes)).toEqual([{ axis: 1, reduction: 'add' }]);
  const dense = await modelOf('dense', grad, [], forward);
  const rows = await modelOf('rows', split.graph, split.rowGradients, forward);
  const steps = [
    [batch(1, 3, 8), batch(2, 2, 5)],
    [batch(4, 1, 3)],
    [batch(5, 4, 8), batch(7, 1, 1), batch(6, 2, 2)],
  ];
  for (const [step, micro] of steps.entries()) {
    for (const [microBatch, one] of micro.entries()) {
      const at = { seed: 1, step, microBatch };
      const losses = [dense, rows].map(({ model }) => model.accumulate(one, at, microBatch === 0));
      const [a, b] = await Promise.all(losses);
      expect(b).toBe(a);
    }
    expect(
      Buffer.from(rows.store.gradients.buffer).equals(Buffer.from(dense.store.gradients.buffer)),
      `step ${step}`,
    ).toBe(true);
  }
  expect(dense.store.gradients.some((x) => x !== 0)).toBe(true);
});
