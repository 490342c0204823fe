import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import {
  encodeModel,
  evaluateGraph,
  GraphBuilder,
  numberToBfloat16,
  numberToHalf,
  type Graph,
} from '@temper/graph';
import { ModelProtoSchema } from '@temper/graph/onnx/onnx_pb';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { widenBesideUse } from './widen-beside-use.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-halves-'));
});
afterAll(() => rm(folder, { recursive: true }));

const [N, K] = [6, 5];
const weights = Float32Array.from({ length: N * K }, (_, i) => Math.fround(Math.sin(i)));

/** The product of a step and the one of its gradient: x Wᵀ W, of a table that is looked into besides; a vector is added. */
function twoProducts(dtype: 'float16' | 'bfloat16'): Graph {
  const bits = dtype === 'float16' ? numberToHalf : numberToBfloat16;
  const g = new GraphBuilder('halves');
  const stored = (name: string, shape: number[]) =>
    g.initializer(name, dtype, shape, {
      kind: 'inline',
      data: Uint16Array.from(weights.subarray(0, shape[0]! * (shape[1] ?? 1)), bits),
    });
  const x = g.op('Gather', [stored('table', [4, K]), g.input('ids', 'int32', ['n'])]);
  const wide = g.op('Cast', [stored('w', [N, K])], { to: 'float32' });
  const bias = g.op('Cast', [stored('b', [N])], { to: 'float32' });
  const product = g.op('FusedMatMul', [g.op('Cast', [x], { to: 'float32' }), wide], { transB: 1 });
  g.output(g.op('MatMul', [g.op('Add', [product, bias]), wide]), 'y');
  return g.build();
}

/** The graph as ONNX Runtime keeps it once it is loaded: sizes of what it holds in float32, and the session. */
async function loaded(graph: Graph, name: string) {
  const [file, optimised] = [join(folder, `${name}.onnx`), join(folder, `${name}.optimised.onnx`)];
  await writeFile(file, encodeModel(graph));
  const session = await ort.InferenceSession.create(file, {
    optimizedModelFilePath: optimised,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
  });
  const model = fromBinary(ModelProtoSchema, await readFile(optimised));
  const float32 = model.graph!.initializer.filter(({ dataType }) => dataType === 1);
  return { session, kept: float32.map(({ dims }) => dims.map(Number)), nodes: model.graph!.node };
}

it.each(['float16', 'bfloat16'] as const)(
  'no float32 copy of a %s matrix stays, and both products widen it',
  async (dtype) => {
    const plain = twoProducts(dtype);
    const folded = await loaded(plain, `${dtype}-plain`);
    expect(folded.kept).toContainEqual([N, K]);
    await folded.session.release();

    const { session, kept, nodes } = await loaded(widenBesideUse(plain), dtype);
    expect(kept.filter((dims) => dims.length > 1)).toEqual([]);
    const casts = nodes.filter(({ opType }) => opType === 'Cast').map(({ output }) => output[0]!);
    const products = nodes.filter(({ opType }) => opType.endsWith('MatMul'));
    expect(new Set(products.map(({ input }) => input[1])).size).toBe(2);
    for (const { input } of products) expect(casts).toContain(input[1]);

    const ids = Int32Array.of(3, 0, 2);
    const { y } = await session.run({ ids: new ort.Tensor('int32', ids, [3]) });
    await session.release();
    const expected = evaluateGraph(plain, { ids: { shape: [3], data: Array.from(ids) } }).y!.data;
    expected.forEach((value, i) => expect(y!.data[i]).toBeCloseTo(value, 5));
  },
);

it('leaves a graph without halves as it is', () => {
  const g = new GraphBuilder('none');
  g.output(g.op('Neg', [g.input('x', 'float32', ['n'])]), 'y');
  const graph = g.build();
  expect(widenBesideUse(graph)).toBe(graph);
});
