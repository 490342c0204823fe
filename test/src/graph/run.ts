import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, type DataType, type evaluateGraph, type Graph } from '@temper/graph';
import { typedArray } from '@temper/graph/onnx/data';
import { createSessionFactory } from '@temper/onnxruntime';
import type { Tensor, TensorData, Tensors } from '@temper/training/session';
import { expect } from 'vitest';

export interface TypedFeed {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const sessions = createSessionFactory('cpu');

/** All outputs of a graph, computed by ONNX Runtime. */
export async function runOnOnnxRuntime(
  graph: Graph,
  feeds: Readonly<Record<string, TypedFeed>>,
): Promise<Tensors> {
  const folder = await mkdtemp(join(tmpdir(), 'temper-graph-'));
  try {
    await writeFile(join(folder, 'graph.onnx'), encodeModel(graph));
    const session = await sessions.create(join(folder, 'graph.onnx'), { threads: 1 });
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
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** To the accuracy of float32: of each element, or of the largest one where a sum went before. */
export function expectEqual(
  found: Tensors,
  expected: ReturnType<typeof evaluateGraph>,
  accuracy = 2e-6,
): void {
  for (const [name, { shape, data, dtype }] of Object.entries(expected)) {
    expect(found[name]!.dims, name).toEqual(shape);
    expect(found[name]!.dtype, name).toBe(dtype);
    Array.from(found[name]!.data as ArrayLike<number | bigint>, Number).forEach((x, i) => {
      const tolerance = accuracy * Math.max(1, Math.abs(data[i]!));
      expect(Math.abs(x - data[i]!), `${name}[${i}]: ${x} for ${data[i]}`).toBeLessThanOrEqual(tolerance);
    });
  }
}
