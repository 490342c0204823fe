/** Models of old opsets: read, brought into today's form, computed by the evaluator and, written again, by ONNX Runtime. */
import { TemperError } from '@temper/contracts';
import { decodeModel, encodeModel, evaluateGraph, GraphBuilder, type DataType } from '@temper/graph';
import { expect, test } from 'vitest';
import goldens from './goldens/old-opsets.json' with { type: 'json' };
import { runOnOnnxRuntime, type TypedFeed } from './run.js';

interface Golden {
  readonly title: string;
  readonly model: string;
  readonly inputs: Readonly<Record<string, TypedFeed>>;
  readonly outputs: readonly { readonly dtype: string; readonly shape: number[]; readonly data: number[] }[];
}

test.each(goldens as unknown as Golden[])('$title', async ({ model, inputs, outputs }) => {
  const graph = decodeModel(Buffer.from(model, 'base64'));
  const [ours, theirs] = [evaluateGraph(graph, inputs), await runOnOnnxRuntime(graph, inputs)];
  outputs.forEach(({ dtype, shape, data }, i) => {
    const [a, b] = [ours[`y${i}`]!, theirs[`y${i}`]!];
    expect([a.dtype, b.dtype]).toEqual([dtype as DataType, dtype]);
    expect([a.shape, b.dims]).toEqual([shape, shape]);
    data.forEach((x, k) => {
      expect(a.data[k]).toBeCloseTo(x, 5);
      expect(Number(b.data[k])).toBeCloseTo(x, 5);
    });
  });
  // Today's form is read as it is.
  expect(encodeModel(decodeModel(encodeModel(graph)))).toEqual(encodeModel(graph));
});

/** The bytes of a small model, its text changed: names of one length keep the file whole. */
function changed(from: string, to: string): Uint8Array {
  const g = new GraphBuilder('model');
  g.output(g.op('Transpose', [g.input('x', 'float32', [2, 3])], { perm: [1, 0] }), 'y');
  const text = Buffer.from(encodeModel(g.build())).toString('latin1');
  return Buffer.from(text.replaceAll(from, to), 'latin1');
}

test.each([
  [
    'an unknown operator',
    changed('Transpose', 'Transpoze'),
    /Transpoze is not supported.*allowed: Abs, Add.*did you mean Transpose\?/s,
  ],
  // The last bytes are opset_import: domain '' and its version, 21.
  ['a newer opset', changed('\x10\x15', '\x10\x16'), /its opset is newer.*found 22; allowed: 1 to 21/s],
])('refuses %s in words', (_, bytes, message) => {
  const error = (() => {
    try {
      return decodeModel(bytes);
    } catch (e) {
      return e;
    }
  })();
  expect(error).toBeInstanceOf(TemperError);
  expect((error as TemperError).code).toBe('OP_UNSUPPORTED');
  expect((error as TemperError).message).toMatch(message);
});
