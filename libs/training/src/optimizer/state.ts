import type { Slot, TrainedParameter, UpdateRule } from '@temper/optimizers';
import { elementsOf, type Slice } from '../parameters.js';

/** A rule, and the parameters that it updates, in the order of the store. */
export interface RuleGroup {
  readonly rule: UpdateRule<unknown>;
  readonly parameters: readonly TrainedParameter[];
}

/** A tensor of the state as checkpoints name it; `data` is the state's own memory. */
export interface StateTensor {
  readonly name: string;
  readonly dtype: 'F32' | 'U8';
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

/** A slot of all parameters of its rule, one after the other; in coded slots each parameter begins a block. */
export class SlotArrays {
  readonly values: Float32Array | Uint8Array;
  /** Of a coded slot: one number a block. */
  readonly scales: Float32Array | undefined;
  private readonly slices = new Map<string, Slice & { readonly blocks: Slice }>();

  constructor(
    readonly name: string,
    readonly slot: Slot,
    private readonly parameters: readonly TrainedParameter[],
  ) {
    const next = { offset: 0, block: 0 };
    for (const parameter of parameters) {
      const length = elementsOf(storedShape(slot, parameter.shape));
      const blocks = slot.code?.blocksOf(length) ?? 0;
      const slice = { offset: next.offset, length, blocks: { offset: next.block, length: blocks } };
      this.slices.set(parameter.name, slice);
      next.offset += length;
      next.block += blocks;
    }
    this.values = slot.code ? new Uint8Array(next.offset) : new Float32Array(next.offset);
    this.scales = slot.code && new Float32Array(next.block);
  }

  slice(parameter: string): Slice & { readonly blocks: Slice } {
    return this.slices.get(parameter)!;
  }

  /** `SLOT.PARAMETER`, and `SLOT_absmax.PARAMETER` of a coded slot. */
  tensors(): StateTensor[] {
    return this.parameters.flatMap(({ name, shape }): StateTensor[] => {
      const { offset, length, blocks } = this.slice(name);
      const data = this.values.subarray(offset, offset + length);
      const values = { name: `${this.name}.${name}`, shape: storedShape(this.slot, shape), data };
      if (!this.scales) return [{ ...values, dtype: 'F32' }];
      const scales = this.scales.subarray(blocks.offset, blocks.offset + blocks.length);
      return [
        { ...values, dtype: 'U8' },
        { name: `${this.name}_absmax.${name}`, dtype: 'F32', shape: [blocks.length], data: scales },
      ];
    });
  }
}

function storedShape({ per }: Slot, shape: readonly number[]): readonly number[] {
  if (per === 'element') return shape;
  return per === 'row' ? shape.slice(0, -1) : [...shape.slice(0, -2), ...shape.slice(-1)];
}

/** Everything that an optimizer remembers from step to step, made from what its rules declare. */
export class OptimizerState {
  private readonly arrays: ReadonlyMap<UpdateRule<unknown>, readonly SlotArrays[]>;

  constructor(groups: readonly RuleGroup[]) {
    this.arrays = new Map(
      groups.map(({ rule, parameters }) => [
        rule,
        Object.entries(rule.slots).map(([name, slot]) => new SlotArrays(name, slot, parameters)),
      ]),
    );
  }

  slotsOf(rule: UpdateRule<unknown>): readonly SlotArrays[] {
    return this.arrays.get(rule)!;
  }

  tensors(): StateTensor[] {
    return [...this.arrays.values()].flat().flatMap((slot) => slot.tensors());
  }
}
