import { TemperError } from '@temper/contracts';
import type { TrainedParameter } from '@temper/optimizers';
import { float32, type Tensor } from './session.js';

/** Elements `offset .. offset + length` of a flat array. */
export interface Slice {
  readonly offset: number;
  readonly length: number;
}

export const elementsOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * What is trained, as one flat array a quantity, so that the optimizer runs over large chunks and a checkpoint is a few
 * long writes. The decayed parameters come first, then the others; otherwise the order is that of the parameters given.
 */
export class ParameterStore {
  readonly parameters: readonly TrainedParameter[];
  readonly values: Float32Array;
  /** Gradients of the loss sum. */
  readonly gradients: Float32Array;
  private readonly slices = new Map<string, Slice & { readonly shape: readonly number[] }>();

  /** `quantities: 'values'` leaves out gradients, for evaluation. */
  constructor(parameters: readonly TrainedParameter[], quantities: 'all' | 'values' = 'all') {
    this.parameters = [...parameters.filter((p) => p.decayed), ...parameters.filter((p) => !p.decayed)];
    let offset = 0;
    for (const { name, shape } of this.parameters) {
      const length = elementsOf(shape);
      this.slices.set(name, { offset, length, shape });
      offset += length;
    }
    this.values = new Float32Array(offset);
    this.gradients = new Float32Array(quantities === 'all' ? offset : 0);
  }

  get names(): string[] {
    return [...this.slices.keys()];
  }

  slice(name: string): Slice & { readonly shape: readonly number[] } {
    const slice = this.slices.get(name);
    if (!slice)
      throw new TemperError('GRAPH_INVALID', {
        path: name,
        message: 'is no parameter that is trained',
        allowed: this.names.join(', '),
      });
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
