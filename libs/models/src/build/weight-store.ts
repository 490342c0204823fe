import { basename } from 'node:path';
import type { GraphBuilder, Value } from '@temper/graph';
import { elementCount } from '../formats/dtypes.js';
import { sameShape, type Weight } from '../model.js';
import { normals } from '../random.js';
import type { Hooks } from './hooks.js';
import type { EmbeddingModule, LinearModule, Parameter } from './module.js';

/** How weights lie in memory, and what is computed with them. */
export interface WeightStore {
  /** A weight as float32 of its shape. */
  value(name: string): Value;
  /** xWᵀ of a linear module: [rows, outputs]. */
  product(module: LinearModule, x: Value): Value;
  /** Rows of a table: [ids…, size]. */
  rows(module: EmbeddingModule, ids: Value): Value;
}

/** A weight of the graph, and whether it was made from the seed. */
export interface StoredParameter {
  readonly parameter: Parameter;
  readonly value: Value;
  readonly made: boolean;
}

export interface StoreOptions {
  readonly g: GraphBuilder;
  readonly weights: ReadonlyMap<string, Weight>;
  readonly parameters: readonly Parameter[];
  /** Of what is made. */
  readonly seed: number;
  /** What has a row a class is made anew. */
  readonly newHead: boolean;
  /** Its name in the graph where it is trained; undefined where it is frozen. */
  readonly trains: Hooks['trains'];
}

/** float32, as external data that points into the model's own files; what a head lacks is made from the seed. */
export class Float32Store implements WeightStore {
  readonly stored: readonly StoredParameter[];
  private readonly values: ReadonlyMap<string, Value>;

  constructor(protected readonly options: StoreOptions) {
    this.stored = options.parameters.map((parameter) => this.initializer(parameter));
    this.values = new Map(this.stored.map(({ parameter, value }) => [parameter.name, value]));
  }

  value(name: string): Value {
    const value = this.values.get(name);
    if (!value) throw new TypeError(`${name} is no parameter of the family`);
    return value;
  }

  /** The weight is used as it lies in the file: nothing is transposed. */
  product(module: LinearModule, x: Value): Value {
    const weight = this.value(`${module.tied ?? module.name}.weight`);
    const transB = module.layout === 'out-in' ? 1 : 0;
    return this.options.g.op('FusedMatMul', [x, weight], { transB }, { name: module.name });
  }

  rows({ name }: EmbeddingModule, ids: Value): Value {
    return this.options.g.op('Gather', [this.value(`${name}.weight`), ids]);
  }

  private initializer(parameter: Parameter): StoredParameter {
    const { g, weights, seed, newHead, trains } = this.options;
    const { name, shape } = parameter;
    const nameOf = (made: boolean) => trains(parameter, made) ?? name;
    const stored = weights.get(name);
    if (!stored || !sameShape(stored.shape, shape) || (newHead && parameter.perClass)) {
      // The check of the weights let this pass: it is a head's, absent or for other classes.
      const data = initialValues(parameter, seed);
      const value = g.initializer(nameOf(true), 'float32', shape, { kind: 'inline', data });
      return { parameter, value, made: true };
    }
    if (stored.dtype !== 'F32') {
      throw new TypeError(
        `${name} is ${stored.dtype}: prepareModel makes the float32 files that a graph needs`,
      );
    }
    const { offset, length } = stored;
    const location = basename(stored.file);
    const value = g.initializer(nameOf(false), 'float32', shape, {
      kind: 'external',
      location,
      offset,
      length,
    });
    return { parameter, value, made: false };
  }
}

function initialValues({ name, shape, initial }: Parameter, seed: number): Float32Array {
  const count = elementCount(shape);
  if (initial?.kind === 'normal') return normals(count, initial.deviation, seed, name);
  return new Float32Array(count).fill(initial?.kind === 'ones' ? 1 : 0);
}
