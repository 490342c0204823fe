import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IGNORED_LABEL, type Batch } from '@temper/contracts';
import { makeBatch } from '@temper/data';
import {
  compileGradients,
  copyInto,
  decodeModel,
  encodeModel,
  GraphBuilder,
  splitRowGradients,
} from '@temper/graph';
import type { Graph, RowGradient } from '@temper/graph';
import { buildTrainable } from '@temper/methods';
import { linkWeights, openModel } from '@temper/models';
import { createSessionFactory } from '@temper/onnxruntime';
import { parsePipelineSpec } from '@temper/spec';
import { definitionOf } from '@temper/tasks';
import { readInitialValues } from '@temper/training/initial-values';
import { TrainableModel } from '@temper/training/model';
import { groupParameters } from '@temper/training/parameter-groups';
import { ParameterStore } from '@temper/training/parameters';
import { generator } from '../synthetic.js';
import type { GateModel } from './models.js';

/** A model's gradients as one version of the compiler computes them. */
export interface Side {
  /** Forward and backward of a batch; returns the sum of losses. */
  run(batch: Batch): Promise<number>;
  release(): Promise<void>;
}

/** The forward graph with its method, and the gradient graph that the code compiles now. */
export async function compileNow(model: GateModel, folder: string) {
  const base = await openModel(folder);
  const spec = parsePipelineSpec({
    name: 'gate',
    task: model.task,
    model: { base: folder },
    dataset: { train: 'none.jsonl', columns: { inputIds: 'input_ids', labels: 'labels' } },
    method: model.method,
  });
  const options = { task: model.task, seed: 1, maxLength: 128, dropout: 0, labels: 3 };
  const applied = buildTrainable(base, spec.method, options);
  const grad = compileGradients({
    forward: applied.graph,
    loss: definitionOf(model).loss,
    trainable: applied.trainable.map(({ name }) => name),
  });
  return { base, applied, grad };
}
type Compiled = Awaited<ReturnType<typeof compileNow>>;

export async function openSide(
  name: string,
  { base, applied }: Compiled,
  { graph, rowGradients }: { graph: Graph; rowGradients: readonly RowGradient[] },
  { folder, threads }: { folder: string; threads: number },
): Promise<Side> {
  const place = join(folder, name);
  await mkdir(place, { recursive: true });
  await linkWeights(base, place);
  await writeFile(join(place, 'grad.onnx'), encodeModel(graph));
  const session = await createSessionFactory('cpu').create(join(place, 'grad.onnx'), { threads });
  const store = new ParameterStore(groupParameters(applied.trainable));
  await readInitialValues(applied.graph, applied.initial, store, place);
  const sessions = { gradients: () => Promise.resolve(session), evaluation: () => Promise.resolve(session) };
  const graphs = {
    outputs: [],
    randomInputs: [],
    lossInputs: ['labels'],
    rowGradients,
    ...sessions,
  } as const;
  const model = new TrainableModel(graphs, store);
  return {
    run: (batch) => model.accumulate(batch, { seed: 1, step: 0, microBatch: 0 }, true),
    release: () => session.release(),
  };
}

export const sideOfNow = ({ grad }: Compiled) => splitRowGradients(grad);

/** A graph of another version, its weights where this version's files have them. */
export async function recordedGraph(file: string, { applied }: Compiled): Promise<Graph> {
  const recorded = decodeModel(await readFile(file));
  const g = new GraphBuilder(recorded.name);
  const copies = copyInto(g, recorded, {
    initializer: ({ value, data }) => {
      const now = applied.graph.initializers.get(value.name);
      const same = now && data.kind === 'external' ? now.data : data;
      return g.initializer(value.name, value.dtype, value.shape as readonly number[], same);
    },
  });
  for (const output of recorded.outputs) g.output(copies.get(output)!, output.name);
  return g.build();
}

/** Short texts as they come: lengths between a third of and the whole of 64 tokens. */
export function gateBatch({ task }: GateModel): Batch {
  const random = generator(5);
  const below = (most: number) => Math.floor(random() * most);
  const lengths = Array.from({ length: 16 }, () => 20 + below(45));
  const offsets = new Int32Array(lengths.length + 1);
  lengths.forEach((length, i) => (offsets[i + 1] = offsets[i]! + length));
  const inputIds = Int32Array.from({ length: offsets.at(-1)! }, () => below(8192));
  const labels =
    task === 'causal-lm'
      ? inputIds.map((id) => (id % 4 ? id : IGNORED_LABEL))
      : Int32Array.from(lengths, () => below(3));
  const labelKind = task === 'causal-lm' ? 'token' : 'class';
  return makeBatch({ labelKind, inputIds, labels, offsets }, [...lengths.keys()], { padTokenId: 0 });
}
