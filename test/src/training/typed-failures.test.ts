/** Where memory, devices, files and graphs fail, what comes out has a code; most of it is not worth another attempt. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outOfMemory, TemperError, type ErrorCode } from '@temper/contracts';
import { encodeModel, GraphBuilder } from '@temper/graph';
import { differentiate } from '@temper/graph/autodiff/differentiate';
import { readSafetensors, writeSafetensors } from '@temper/models';
import { dequantize } from '@temper/models/formats/gguf/quantization';
import { createSessionFactory } from '@temper/onnxruntime';
import { readInitialValues } from '@temper/training/initial-values';
import { ParameterStore } from '@temper/training/parameters';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-failures-'));
});
afterAll(() => rm(folder, { recursive: true }));

const parameter = { name: 'w', kind: 'kernel', shape: [4, 4], decayed: true, lrScale: 1 } as const;

/** Nothing, or a graph with the weight `w` in a file that ends within it. */
function weights(external: boolean) {
  const g = new GraphBuilder('weights');
  if (external)
    g.initializer('w', 'float32', [4, 4], { kind: 'external', location: 'w.bin', offset: 0, length: 64 });
  return g.build();
}

async function session(build: (g: GraphBuilder) => void, provider: 'cpu' | 'cuda' = 'cpu') {
  const g = new GraphBuilder('graph');
  build(g);
  await writeFile(join(folder, 'graph.onnx'), encodeModel(g.build()));
  return createSessionFactory(provider).create(join(folder, 'graph.onnx'), { threads: 1 });
}

const failures: [string, ErrorCode, RegExp, () => unknown][] = [
  [
    'a step that needs four terabytes',
    'SPEC_INVALID',
    /not enough memory.*trainBatchSize/s,
    async () => {
      const huge = await session((g) => {
        const lengths = g.op('Concat', [g.op('Shape', [g.input('n', 'float32', ['n'])]), g.int64s(2 ** 30)], {
          axis: 0,
        });
        const wide = g.op('Expand', [g.scalar('float32', 1), lengths]);
        g.output(g.op('Add', [wide, g.op('Softmax', [wide], { axis: -1 })]), 'y');
      });
      return huge.run({ n: { dtype: 'float32', dims: [1024], data: new Float32Array(1024) } }, { y: null });
    },
  ],
  [
    'a device that is not there',
    'SERVICE_UNAVAILABLE',
    /cuda: this machine has no device/,
    () => session((g) => g.output(g.op('Neg', [g.input('x', 'float32', [1])]), 'y'), 'cuda'),
  ],
  [
    'an array that is longer than memory',
    'SPEC_INVALID',
    /not enough memory on this machine/,
    () => {
      try {
        return new Float32Array(2 ** 53);
      } catch (error) {
        throw outOfMemory(new Error('the trainer failed', { cause: error })) ?? error;
      }
    },
  ],
  [
    'a weight that is not in the graph',
    'GRAPH_INVALID',
    /w: is no initializer/,
    () => readInitialValues(weights(false), new Map(), new ParameterStore([parameter]), folder),
  ],
  [
    'a weight file that ends early',
    'MODEL_CORRUPT',
    /ends within a weight; found 10 bytes; allowed: 64/,
    async () => {
      await writeFile(join(folder, 'w.bin'), new Uint8Array(10));
      await readInitialValues(weights(true), new Map(), new ParameterStore([parameter]), folder);
    },
  ],
  [
    'a parameter that is not trained',
    'GRAPH_INVALID',
    /v: is no parameter.*allowed: w/,
    () => new ParameterStore([parameter]).slice('v'),
  ],
  [
    'a tensor that a file lacks',
    'MODEL_CORRUPT',
    /has no tensor b; allowed: a/,
    async () => {
      const file = join(folder, 'a.safetensors');
      await writeSafetensors(file, { a: { dtype: 'F32', shape: [1], data: Float32Array.of(1) } });
      await readSafetensors(file, ['b']);
    },
  ],
  [
    'data that does not fill its shape',
    'MODEL_CORRUPT',
    /a: the data does not fill the shape/,
    () =>
      writeSafetensors(join(folder, 'b.safetensors'), {
        a: { dtype: 'F32', shape: [2], data: Float32Array.of(1) },
      }),
  ],
  [
    'a quantisation that is not read',
    'MODEL_UNSUPPORTED',
    /found IQ9_X; allowed: .*Q4_0/,
    () => dequantize('IQ9_X', new Uint8Array(32)),
  ],
  [
    'a length that is a fraction',
    'GRAPH_INVALID',
    /an int64 is no whole number; found 1.5/,
    () => new GraphBuilder('g').int64s(1.5),
  ],
  [
    'a product whose width is not known',
    'OP_UNSUPPORTED',
    /the last axis is a number; found width/,
    () => {
      const g = new GraphBuilder('g');
      const x = g.input('x', 'float32', ['batch', 1, 'width']);
      const w = g.initializer('w', 'float32', [4, 4], { kind: 'inline', data: new Float32Array(16) });
      const table = g.input('table', 'float32', ['width', 4]);
      const rows = g.op('MatMul', [g.op('MatMul', [x, table]), w]);
      const wide = g.op('MatMul', [rows, g.op('Transpose', [table], { perm: [1, 0] })]);
      const square = g.op('MatMul', [wide, table]);
      const nodes = [...g.build().nodes];
      return differentiate({ g, nodes, seeds: new Map([[square, square]]), wanted: [w, table] });
    },
  ],
];

it.each(failures)('%s', async (_, code, message, body) => {
  const error = await Promise.resolve()
    .then(body)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(TemperError);
  expect((error as TemperError).code).toBe(code);
  expect((error as TemperError).message).toMatch(message);
});
