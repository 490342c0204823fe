import { encodeModel, GraphBuilder } from '@temper/graph';
import { float32, scalar, type Session } from '@temper/training/session';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSessionFactory } from './session.js';

let folder: string;
let session: Session;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-ort-'));
  const g = new GraphBuilder('scaled sum');
  const [x, y] = [g.input('x', 'float32', ['n']), g.input('y', 'float32', ['n'])];
  const factor = g.input('factor', 'float32', []);
  g.output(g.op('Add', [g.op('Mul', [x, factor], {}, { name: 'scale' }), y], {}, { name: 'sum' }), 'z');
  await writeFile(join(folder, 'g.onnx'), encodeModel(g.build()));
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
    const y = float32(Float32Array.of(1, 2));
    await expect(session.run({ x, y, factor: scalar(1) }, { z: null })).rejects.toMatchObject({
      code: 'GRAPH_INVALID',
      problems: [{ path: expect.stringMatching(/^z|^sum.*\(Add\)$/) as string }],
    });
  });

  it('refuse a file that is no graph', async () => {
    await writeFile(join(folder, 'bad.onnx'), 'not a graph');
    const opened = createSessionFactory('cpu').create(join(folder, 'bad.onnx'), { threads: 1 });
    await expect(opened).rejects.toMatchObject({ code: 'GRAPH_INVALID' });
  });
});
