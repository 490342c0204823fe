/** The reference evaluator, and with it every operator's inference, against ONNX Runtime: it is the oracle of all gradient checks. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, evaluateGraph, type Graph, type OpName } from '@temper/graph';
import { typedArray } from '@temper/graph/onnx/data';
import { builtCase, feedsOf } from '@temper/graph/ops/case-graph';
import { cases, type CaseInput, type OpCase } from '@temper/graph/ops/cases';
import { createSessionFactory } from '@temper/onnxruntime';
import type { Tensor, TensorData } from '@temper/training/session';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-operators-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sessions = createSessionFactory('cpu');

async function runOnOnnxRuntime(graph: Graph, feeds: Record<string, CaseInput>) {
  const file = join(folder, `${graph.name}.onnx`);
  await writeFile(file, encodeModel(graph));
  const session = await sessions.create(file, { threads: 1 });
  try {
    const tensors = Object.entries(feeds).map(([name, { dtype, shape, data }]): [string, Tensor] => [
      name,
      { dtype, dims: shape, data: typedArray(dtype, data) as TensorData },
    ]);
    const wanted = Object.fromEntries(session.outputs.map((name) => [name, null]));
    return await session.run(Object.fromEntries(tensors), wanted);
  } finally {
    await session.release();
  }
}

describe.each(Object.entries(cases) as [OpName, readonly OpCase[]][])('%s', (op, table) => {
  test.each(table)('$title', async (one) => {
    const graph = builtCase(op, one);
    const feeds = feedsOf(one);
    const expected = evaluateGraph(graph, feeds);
    const found = await runOnOnnxRuntime(graph, feeds);
    for (const [name, { shape, data, dtype }] of Object.entries(expected)) {
      expect(found[name]!.dims, name).toEqual(shape);
      expect(found[name]!.dtype, name).toBe(dtype);
      Array.from(found[name]!.data as ArrayLike<number | bigint>, Number).forEach((x, i) => {
        const tolerance = 2e-6 * Math.max(1, Math.abs(data[i]!));
        expect(Math.abs(x - data[i]!), `${name}[${i}]: ${x} for ${data[i]}`).toBeLessThanOrEqual(tolerance);
      });
    }
  });
});
