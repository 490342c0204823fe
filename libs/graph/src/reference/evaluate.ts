import { TemperError } from '@temper/contracts';
import { toNumbers } from '../onnx/data.js';
import { definitionOf } from '../onnx/infer.js';
import {
  isFloat,
  type DataType,
  type Graph,
  type Initializer,
  type TypedArray,
  type Value,
} from '../onnx/types.js';
import { tensor, type Tensor } from './tensor.js';

export interface Feed {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number> | BigInt64Array;
}

export interface EvaluateOptions {
  /** float32 rounds every result of every operator; float64 (default) is the oracle. */
  readonly precision?: 'float64' | 'float32';
  /** The elements of an external initializer. */
  readonly external?: (initializer: Initializer) => TypedArray;
}

/** Runs a graph operator by operator, slowly and exactly as written. Returns the outputs by name. */
export function evaluateGraph(
  graph: Graph,
  feeds: Readonly<Record<string, Feed>>,
  options: EvaluateOptions = {},
): Record<string, Tensor> {
  const values = new Map<Value, Tensor>();
  const keep = (value: Value, result: Tensor) => {
    checkShape(value, result);
    const rounded = options.precision === 'float32' && isFloat(value.dtype);
    values.set(value, rounded ? { ...result, data: result.data.map(Math.fround) } : result);
  };
  for (const input of graph.inputs) {
    const feed = feeds[input.name];
    if (!feed) throw new TemperError('GRAPH_INVALID', { path: input.name, message: 'this input is not fed' });
    keep(input, tensor(input.dtype, feed.shape, numbersOf(input.dtype, feed)));
  }
  for (const initializer of graph.initializers.values()) {
    const { value } = initializer;
    const shape = value.shape as readonly number[];
    keep(value, tensor(value.dtype, shape, toNumbers(elementsOf(initializer, options), value.dtype)));
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => input && values.get(input)!);
    const results = definitionOf(node.op).evaluate({
      inputs,
      attributes: node.attributes,
      outputCount: node.outputs.length,
      input: (i) => inputs[i]!,
    });
    node.outputs.forEach((output, i) => keep(output, results[i]!));
  }
  return Object.fromEntries(graph.outputs.map((output) => [output.name, values.get(output)!]));
}

/** 16-bit floats may be fed as their bits or as numbers. */
const numbersOf = (dtype: DataType, { data }: Feed) =>
  toNumbers(data as TypedArray, data instanceof Uint16Array ? dtype : undefined);

function elementsOf(initializer: Initializer, { external }: EvaluateOptions): TypedArray {
  if (initializer.data.kind === 'inline') return initializer.data.data;
  if (external) return external(initializer);
  throw new TemperError('GRAPH_INVALID', {
    path: initializer.value.name,
    message: 'the reference evaluator was not given the external data',
  });
}

/** Inference must have been right: its numbers are met and the rank is the same. */
function checkShape(value: Value, { shape }: Tensor): void {
  const fits =
    shape.length === value.shape.length &&
    value.shape.every((d, i) => typeof d === 'string' || d === shape[i]);
  if (!fits)
    throw new TemperError('GRAPH_INVALID', {
      path: value.name,
      message: 'a value has another shape than inferred',
      found: `[${shape.join(', ')}]`,
      allowed: `[${value.shape.join(', ')}]`,
    });
}
