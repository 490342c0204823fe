import { slotShape, type BlockwiseCode, type TrainedParameter, type UpdateRule } from '@temper/optimizers';
import type { ParameterStore } from '../parameters.js';
import { float32, type Tensor } from '../session.js';
import type { OptimizerState, RuleGroup } from './state.js';

/** Memory that one run of a rule's graph reads and writes. */
export interface Chunk {
  readonly rule: UpdateRule<unknown>;
  readonly shape: readonly number[];
  readonly decayed: boolean;
  readonly lrScale: number;
  readonly param: Tensor;
  readonly grad: Tensor;
  readonly slots: Readonly<Record<string, Tensor>>;
  /** Slots that are decoded into their tensor before the run, and encoded again after it. */
  readonly coded: readonly CodedPart[];
}

export interface CodedPart {
  readonly name: string;
  readonly code: BlockwiseCode;
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  /** The memory of the slot's tensor. */
  readonly decoded: Float32Array;
}

/** Cuts what each rule updates into runs: a whole parameter, or so many elements of parameters that lie side by side. */
export function chunksOf(
  groups: readonly RuleGroup[],
  store: ParameterStore,
  state: OptimizerState,
  sizeOf: (rule: UpdateRule<unknown>) => number,
): Chunk[] {
  // Shared by all chunks, which run one after the other.
  const scratch = new Map<string, Float32Array>();
  const scratchOf = (name: string, length: number) => {
    if ((scratch.get(name)?.length ?? 0) < length) scratch.set(name, new Float32Array(length));
    return scratch.get(name)!.subarray(0, length);
  };
  return groups.flatMap(({ rule, parameters }) =>
    rule.granularity === 'tensor'
      ? parameters.map((parameter) => wholeParameter(rule, parameter, store, state))
      : runsOf(rule, parameters, store).flatMap((run) =>
          flatChunks(rule, run, store, state, sizeOf(rule), scratchOf),
        ),
  );
}

function wholeParameter(
  rule: UpdateRule<unknown>,
  { name, shape, decayed, lrScale }: TrainedParameter,
  store: ParameterStore,
  state: OptimizerState,
): Chunk {
  const slots = state.slotsOf(rule).map((array) => {
    const { offset, length } = array.slice(name);
    const data = (array.values as Float32Array).subarray(offset, offset + length);
    return [array.name, float32(data, slotShape(array.slot, shape))] as const;
  });
  return {
    ...{ rule, shape, decayed, lrScale, coded: [] },
    param: store.view(store.values, name),
    grad: store.view(store.gradients, name),
    slots: Object.fromEntries(slots),
  };
}

/** Parameters side by side that are treated alike; a coded slot's blocks end with their parameter. */
interface Run {
  readonly first: TrainedParameter;
  readonly offset: number;
  length: number;
}

function runsOf(
  rule: UpdateRule<unknown>,
  parameters: readonly TrainedParameter[],
  store: ParameterStore,
): Run[] {
  const isCoded = Object.values(rule.slots).some(({ code }) => code);
  const runs: Run[] = [];
  for (const parameter of parameters) {
    const { offset, length } = store.slice(parameter.name);
    const last = runs.at(-1);
    const joins =
      !isCoded &&
      last &&
      last.offset + last.length === offset &&
      last.first.decayed === parameter.decayed &&
      last.first.lrScale === parameter.lrScale;
    if (joins) last.length += length;
    else runs.push({ first: parameter, offset, length });
  }
  return runs;
}

function flatChunks(
  rule: UpdateRule<unknown>,
  { first: { name, decayed, lrScale }, offset, length }: Run,
  store: ParameterStore,
  state: OptimizerState,
  size: number,
  scratchOf: (slot: string, length: number) => Float32Array,
): Chunk[] {
  return Array.from({ length: Math.ceil(length / size) }, (_, k) => {
    const from = k * size;
    const count = Math.min(size, length - from);
    const coded: CodedPart[] = [];
    const slots = state.slotsOf(rule).map((array) => {
      const { offset: start, blocks } = array.slice(name);
      const values = array.values.subarray(start + from, start + from + count);
      const { code } = array.slot;
      if (!code) return [array.name, float32(values as Float32Array)] as const;
      const decoded = scratchOf(array.name, count);
      const block = blocks.offset + from / code.blockSize;
      const scales = array.scales!.subarray(block, block + code.blocksOf(count));
      coded.push({ name: array.name, code, codes: values as Uint8Array, scales, decoded });
      return [array.name, float32(decoded)] as const;
    });
    const part = (flat: Float32Array) => float32(flat.subarray(offset + from, offset + from + count));
    return {
      ...{ rule, shape: [count], decayed, lrScale, coded },
      param: part(store.values),
      grad: part(store.gradients),
      slots: Object.fromEntries(slots),
    };
  });
}
