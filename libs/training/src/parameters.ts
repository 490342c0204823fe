import { float32, type Tensor } from './session.js';

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Elements `offset .. offset + length` of the flat arrays. */
export interface Slice {
  readonly offset: number;
  readonly length: number;
}
export interface ParameterGroup extends Slice {
  readonly decayed: boolean;
}

// The Trainer's `get_decay_parameter_names`: biases and the weights of normalisations are not decayed.
const undecayed = /bias|layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)/;
export const isDecayed = (name: string): boolean => !undecayed.test(name.toLowerCase());

/**
 * What is trained, as one flat array a quantity, so that the optimizer runs over large chunks and a checkpoint is a few
 * long writes. The decayed parameters come first, then the others; within a group the order is that of the names given.
 */
export class ParameterStore {
  readonly groups: readonly ParameterGroup[];
  readonly values: Float32Array;
  /** Gradients of the loss sum. */
  readonly gradients: Float32Array;
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
  private readonly slices = new Map<string, Slice & { readonly shape: readonly number[] }>();

  /** `quantities: 'values'` leaves out gradients and moments, for evaluation. */
  constructor(parameters: readonly Parameter[], quantities: 'all' | 'values' = 'all') {
    const decayed = parameters.filter((p) => isDecayed(p.name));
    const rest = parameters.filter((p) => !isDecayed(p.name));
    let offset = 0;
    for (const { name, shape } of [...decayed, ...rest]) {
      const length = shape.reduce((a, b) => a * b, 1);
      this.slices.set(name, { offset, length, shape });
      offset += length;
    }
    const boundary = decayed.reduce((n, p) => n + this.slices.get(p.name)!.length, 0);
    this.groups = [
      { offset: 0, length: boundary, decayed: true },
      { offset: boundary, length: offset - boundary, decayed: false },
    ].filter((group) => group.length > 0);
    const make = (wanted: boolean) => new Float32Array(wanted ? offset : 0);
    this.values = make(true);
    this.gradients = make(quantities === 'all');
    this.firstMoments = make(quantities === 'all');
    this.secondMoments = make(quantities === 'all');
  }

  get names(): string[] {
    return [...this.slices.keys()];
  }

  slice(name: string): Slice & { readonly shape: readonly number[] } {
    const slice = this.slices.get(name);
    if (!slice) throw new RangeError(`no parameter ${name}`);
    return slice;
  }

  /** The parameter's part of one of the flat arrays, as a tensor over the same memory. */
  view(flat: Float32Array, name: string): Tensor & { readonly data: Float32Array } {
    const { offset, length, shape } = this.slice(name);
    return float32(flat.subarray(offset, offset + length), shape) as Tensor & { data: Float32Array };
  }

  /** Views of all parameters, by name with the prefix. */
  views(flat: Float32Array, prefix = ''): Record<string, Tensor & { readonly data: Float32Array }> {
    return Object.fromEntries(this.names.map((name) => [prefix + name, this.view(flat, name)]));
  }
}
