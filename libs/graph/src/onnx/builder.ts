import { TemperError } from '@temper/contracts';
import type { OutputType } from '../ops/definition.js';
import type { OpAttributes, OpName } from '../ops/index.js';
import { toNumbers, typedArray } from './data.js';
import { formatShape, isDim, normalizeDim } from './dims.js';
import { withExcerpt } from './excerpt.js';
import { inferOutputs, type Contents } from './infer.js';
import type {
  DataType,
  Dim,
  Graph,
  Initializer,
  InitializerData,
  Node,
  Shape,
  TypedArray,
  Value,
} from './types.js';
import { verify } from './verify.js';

/** Largest integer initializer whose elements shape inference follows. */
const MAX_CONTENT = 64;

/** A node before its outputs have types. */
interface NamedNode {
  readonly op: OpName;
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputNames: readonly string[];
  readonly attributes: object;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Builds a graph node by node; the type of every value is inferred as it is made, so a mistake is reported where it is made.
 * Names are made unique; `scope` prefixes them.
 */
export class GraphBuilder {
  private readonly inputList: Value[] = [];
  private readonly outputList: Value[] = [];
  private readonly initializerMap = new Map<string, Initializer>();
  private readonly nodeList: Node[] = [];
  private readonly valueMap = new Map<string, Value>();
  private readonly contents: Contents = new Map();
  private readonly constants = new Map<string, Value>();
  private readonly counters = new Map<string, number>();
  private readonly reserved = new Set<string>();
  private prefix = '';

  constructor(readonly name: string) {}

  input(name: string, dtype: DataType, shape: Shape): Value {
    const value = this.define(name, dtype, shape);
    this.inputList.push(value);
    return value;
  }

  initializer(name: string, dtype: DataType, shape: readonly number[], data: InitializerData): Value {
    const value = this.define(name, dtype, shape);
    this.initializerMap.set(name, { value, data });
    this.noteContent(value, data);
    return value;
  }

  /** An inline constant; equal constants are one initializer. */
  constant(dtype: DataType, shape: readonly number[], numbers: number | ArrayLike<number>): Value {
    const data = typedArray(dtype, typeof numbers === 'number' ? [numbers] : numbers);
    const key = `${dtype}${formatShape(shape)}${data.length <= MAX_CONTENT ? data.join() : hashOf(data)}`;
    const known = this.constants.get(key);
    if (known && sameData(this.initializerMap.get(known.name)!.data, data)) return known;
    const value = this.initializer(this.freshName('const'), dtype, shape, { kind: 'inline', data });
    this.constants.set(key, value);
    return value;
  }

  scalar(dtype: DataType, number: number): Value {
    return this.constant(dtype, [], [number]);
  }

  /** A 1-D int64 constant, e.g. a shape or axes. */
  int64s(...numbers: number[]): Value {
    return this.constant('int64', [numbers.length], numbers);
  }

  /** The only output of an operator. */
  op<N extends OpName>(
    op: N,
    inputs: readonly (Value | undefined)[],
    attributes?: OpAttributes<N>,
    options: { name?: string } = {},
  ): Value {
    return this.ops(op, inputs, attributes, 1, options)[0]!;
  }

  ops<N extends OpName>(
    op: N,
    inputs: readonly (Value | undefined)[],
    attributes: OpAttributes<N> | undefined,
    outputs: number,
    options: { name?: string } = {},
  ): Value[] {
    const name = this.freshName(this.prefix + (options.name ?? op), outputs === 1 ? '' : '.0');
    const outputNames = outputs === 1 ? [name] : Array.from({ length: outputs }, (_, i) => `${name}.${i}`);
    return this.restore({ op, name, inputs, outputNames, attributes: attributes ?? {} });
  }

  /** A node of any operator under names that are known already (read from a file, copied from another graph). */
  restore(node: NamedNode): Value[] {
    const { op, name } = node;
    const inputs = trimmed(node.inputs);
    const attributes = Object.fromEntries(Object.entries(node.attributes).filter(([, v]) => v !== undefined));
    for (const input of inputs)
      if (input && this.valueMap.get(input.name) !== input)
        throw new TemperError('GRAPH_INVALID', {
          path: `${op} ${name}`,
          message: `input ${input.name} belongs to another graph`,
        });
    const types = this.infer({ op, name, inputs, attributes, outputNames: node.outputNames });
    const outputs = types.map((type, i) => {
      const value = this.define(node.outputNames[i]!, type.dtype, type.shape);
      if (type.content) this.contents.set(value, type.content);
      return value;
    });
    this.nodeList.push({ op, name, inputs, outputs, attributes } as unknown as Node);
    return outputs;
  }

  /** Makes `value` an output of the graph, under the given name; returns the output, which may be another value. */
  output(value: Value, name: string = value.name): Value {
    const made = this.nodeList.some((node) => node.outputs.includes(value));
    const target =
      name === value.name || (made && !this.outputList.includes(value) && !this.valueMap.has(name))
        ? value
        : this.op('Identity', [value], {}, { name });
    this.rename(target, name);
    this.outputList.push(target);
    return target;
  }

  /** Promises that these indices differ from each other. */
  distinct(value: Value): Value {
    (value as Writable<Value>).distinct = true;
    return value;
  }

  /** Rows that are looked up by these indices pass no gradient to row `padding` of the table. */
  withPadding(indices: Value, padding: number | undefined): Value {
    if (padding !== undefined) (indices as Writable<Value>).padding = padding;
    return indices;
  }

  /** No gradient passes through this value. */
  detached(value: Value): Value {
    (value as Writable<Value>).detached = true;
    return value;
  }

  /** Names made inside `body` begin with `prefix/`. */
  scope<T>(prefix: string, body: () => T): T {
    const before = this.prefix;
    this.prefix = `${before}${prefix}/`;
    try {
      return body();
    } finally {
      this.prefix = before;
    }
  }

  /** Keeps names for `restore`: nodes made by `op` get others. */
  reserve(names: Iterable<string>): void {
    for (const name of names) this.reserved.add(name);
  }

  /** The elements of a small integer value where they are known. */
  contentOf(value: Value): readonly Dim[] | undefined {
    return this.contents.get(value);
  }

  /** The value of that name in this graph. */
  value(name: string): Value | undefined {
    return this.valueMap.get(name);
  }

  /** The numbers of an inline initializer, or undefined. */
  numbersOf(value: Value): number[] | undefined {
    const data = this.initializerMap.get(value.name)?.data;
    return data?.kind === 'inline' ? toNumbers(data.data, value.dtype) : undefined;
  }

  /** The finished graph, verified. */
  build(): Graph {
    const graph: Graph = {
      name: this.name,
      inputs: [...this.inputList],
      outputs: [...this.outputList],
      initializers: new Map(this.initializerMap),
      nodes: [...this.nodeList],
      values: new Map(this.valueMap),
    };
    verify(graph);
    return graph;
  }

  private infer(node: NamedNode): OutputType[] {
    try {
      return inferOutputs({ ...node, outputCount: node.outputNames.length }, this.contents);
    } catch (error) {
      if (!(error instanceof TemperError)) throw error;
      const shown = { ...node, outputs: node.outputNames };
      throw withExcerpt(error, { nodes: this.nodeList, initializers: this.initializerMap }, shown);
    }
  }

  private define(name: string, dtype: DataType, shape: Shape): Value {
    if (this.valueMap.has(name))
      throw new TemperError('GRAPH_INVALID', { path: name, message: 'two values of one name' });
    if (!shape.every(isDim))
      throw new TemperError('GRAPH_INVALID', {
        path: name,
        message: 'no shape that a tensor has',
        found: formatShape(shape),
      });
    const value: Value = { name, dtype, shape: shape.map(normalizeDim) };
    this.valueMap.set(name, value);
    return value;
  }

  private rename(value: Value, name: string): void {
    if (value.name === name) return;
    this.valueMap.delete(value.name);
    (value as Writable<Value>).name = name;
    this.valueMap.set(name, value);
  }

  /** `first` is what the name of the first value of that name ends with. */
  private freshName(base: string, first = ''): string {
    let name = base;
    while (this.valueMap.has(name + first) || this.reserved.has(name)) {
      const count = (this.counters.get(base) ?? 0) + 1;
      this.counters.set(base, count);
      name = `${base}_${count}`;
    }
    return name;
  }

  private noteContent(value: Value, data: InitializerData): void {
    if (data.kind !== 'inline' || data.data.length > MAX_CONTENT || value.shape.length > 1) return;
    if (value.dtype === 'int64' || value.dtype === 'int32') this.contents.set(value, toNumbers(data.data));
  }
}

/** Without omitted inputs at the end. */
function trimmed(inputs: readonly (Value | undefined)[]): (Value | undefined)[] {
  const last = inputs.findLastIndex((input) => input !== undefined);
  return inputs.slice(0, last + 1);
}

function sameData(a: InitializerData, b: TypedArray): boolean {
  return a.kind === 'inline' && a.data.length === b.length && a.data.every((x, i) => Object.is(x, b[i]));
}

/** FNV-1a over the elements, only to find candidates. */
function hashOf(data: TypedArray): number {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
