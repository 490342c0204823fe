import type { TemperError } from '@temper/contracts';
import { encodeModel, GraphBuilder, type Graph, type Value } from '@temper/graph';
import { float32, scalar, type Session } from '@temper/training/session';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSessionFactory } from './session.js';

function scaledSum(): Graph {
  const g = new GraphBuilder('scaled sum');
  const [x, y] = [g.input('x', 'float32', ['n']), g.input('y', 'float32', ['n'])];
  const factor = g.input('factor', 'float32', []);
  g.output(g.op('Add', [g.op('Mul', [x, factor], {}, { name: 'scale' }), y], {}, { name: 'sum' }), 'z');
  return g.build();
}

const typed = (values: readonly Value[], name: string, change: Partial<Value>): Value[] =>
  values.map((value) => (value.name === name ? { ...value, ...change } : value));

let folder: string;
let session: Session;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-ort-'));
  await writeFile(join(folder, 'g.onnx'), encodeModel(scaledSum()));
  session = await createSessionFactory('cpu').create(join(folder, 'g.onnx'), { threads: 2 });
});
afterAll(async () => {
  await session.release();
  await rm(folder, { recursive: true });
});

describe('sessions of ONNX Runtime', () => {
  it('read from and write to views of larger buffers', async () => {
    const flat = Float32Array.of(9, 1, 2, 3, 9, 9, 9, 9);
    const z = float32(flat.subarray(4, 7));
    const feeds = {
      x: float32(flat.subarray(1, 4)),
      y: float32(Float32Array.of(1, 1, 1)),
      factor: scalar(10),
    };
    const { z: answer } = await session.run(feeds, { z });
    expect([...flat]).toEqual([9, 1, 2, 3, 11, 21, 31, 9]);
    expect(answer).toBe(z);
  });

  it('write an elementwise output over its input', async () => {
    const x = float32(Float32Array.from({ length: 100_000 }, (_, i) => i));
    const y = float32(new Float32Array(100_000).fill(0.5));
    await session.run({ x, y, factor: scalar(2) }, { z: x });
    expect([0, 1, 77_777].map((i) => x.data[i])).toEqual([0.5, 2.5, 155_554.5]);
  });

  it('scatter elements into the memory of their input, and leave the others alone', async () => {
    const g = new GraphBuilder('scattered');
    const x = g.input('x', 'float32', ['n', 2]);
    const places = g.input('places', 'int64', ['k', 2]);
    const y = g.op('ScatterElements', [x, places, g.input('y', 'float32', ['k', 2])], { axis: 0 });
    g.output(y, 'z');
    g.output(g.op('ReduceSum', [y, g.int64s(0, 1)], { keepdims: 0 }), 'sum');
    const file = join(folder, 'scattered.onnx');
    await writeFile(file, encodeModel(g.build()));
    const scattering = await createSessionFactory('cpu').create(file, { threads: 1 });
    const cache = float32(Float32Array.of(1, 2, 0, 0, 0, 0, 0, 0), [4, 2]);
    for (const [slot, sum] of [
      [1n, 10],
      [2n, 17],
    ] as const) {
      const feeds = {
        x: cache,
        places: { dtype: 'int64' as const, dims: [1, 2], data: BigInt64Array.of(slot, slot) },
        y: float32(Float32Array.of(3, 4), [1, 2]),
      };
      const { sum: found } = await scattering.run(feeds, { z: cache, sum: scalar(0) });
      expect(found!.data[0]).toBe(sum);
    }
    expect([...cache.data]).toEqual([1, 2, 3, 4, 3, 4, 0, 0]);
    await scattering.release();
  });

  it('copy nothing of what they write into memory that they are given', async () => {
    const z = float32(new Float32Array(1 << 20));
    const feeds = {
      x: float32(new Float32Array(1 << 20).fill(3)),
      y: float32(new Float32Array(1 << 20).fill(1)),
      factor: scalar(2),
    };
    await session.run(feeds, { z });
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 3; i++) await session.run(feeds, { z });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
    expect([z.data[0], z.data.at(-1)]).toEqual([7, 7]);
    expect(session.outputs).toEqual(['z']);
  });

  it('name the input that is missing and the operator that failed', async () => {
    const x = float32(Float32Array.of(1, 2, 3));
    await expect(session.run({ x, factor: scalar(1) }, { z: null })).rejects.toMatchObject({
      code: 'GRAPH_INVALID',
      problems: [{ path: 'y' }],
    });
  });

  it.each([
    [
      'another length',
      { y: float32(Float32Array.of(1, 2)) },
      'GRAPH_INVALID',
      /^(z|sum.*) \(Add\)$/,
      /> %z.* = Add\(%scale, %y\)/,
    ],
    [
      'another rank',
      { y: scalar(1), factor: float32(Float32Array.of(1)) },
      'GRAPH_INVALID',
      /^(y|factor)$/,
      /> %z|> %scale/,
    ],
    [
      'another type',
      { y: { ...float32(Float32Array.of(1)), dtype: 'int64' as const } },
      'GRAPH_INVALID',
      /^y$/,
      /^$/,
    ],
    ['too few elements', { y: float32(Float32Array.of(1), [3]) }, 'GRAPH_INVALID', /^y$/, /^$/],
  ])('refuse what is fed with %s, and name what it met', async (_, change, code, path, hint) => {
    const x = float32(Float32Array.of(1, 2, 3));
    const run = session.run({ x, factor: scalar(1), ...change }, { z: null });
    const error = await run.then(
      () => undefined,
      (e: unknown) => e as TemperError,
    );
    expect(error?.code).toBe(code);
    expect(error?.problems[0]!.path).toMatch(path);
    expect(error?.problems[0]!.hint ?? '').toMatch(hint);
  });

  it.each<[string, (graph: Graph) => Partial<Graph>, string, RegExp]>([
    [
      'types do not fit',
      (graph) => ({ inputs: typed(graph.inputs, 'y', { dtype: 'int64' }) }),
      'sum (Add)',
      /input 1 \(y\)|> .*Add\(%scale, %y\)/,
    ],
    [
      'shapes do not fit',
      (graph) => ({ inputs: typed(typed(graph.inputs, 'x', { shape: [3] }), 'y', { shape: [2] }) }),
      'sum (Add)',
      /> .*Add\(%scale, %y\)/,
    ],
    [
      'a kernel is missing',
      (graph) => ({
        inputs: graph.inputs.map((input) => ({ ...input, dtype: 'bfloat16' as const })),
        outputs: graph.outputs.map((output) => ({ ...output, dtype: 'bfloat16' as const })),
      }),
      'scale (Mul)',
      /> .*Mul\(%x, %factor\)/,
    ],
  ])('name the node of a graph in which %s, and show what is around it', async (_, change, path, hint) => {
    const graph = scaledSum();
    const file = join(folder, 'refused.onnx');
    await writeFile(file, encodeModel({ ...graph, ...change(graph) }));
    const opened = createSessionFactory('cpu').create(file, { threads: 1 });
    const error = await opened.then(
      () => undefined,
      (e: unknown) => e as TemperError,
    );
    expect(error?.code).toBe('GRAPH_INVALID');
    expect(error?.problems[0]!.path).toBe(path);
    expect(error?.problems[0]!.hint).toMatch(hint);
  });

  it('refuse a file that is no graph', async () => {
    await writeFile(join(folder, 'bad.onnx'), 'not a graph');
    const opened = createSessionFactory('cpu').create(join(folder, 'bad.onnx'), { threads: 1 });
    await expect(opened).rejects.toMatchObject({ code: 'GRAPH_INVALID' });
  });
});
