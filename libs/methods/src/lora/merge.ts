import type { Adaptable, LinearModule, TrainedWeights } from '@temper/models';
import type { Merges } from '../method.js';
import type { LoraFields } from '../schema/lora.js';
import { isTarget, type Target } from '../targets.js';
import { placeIn, rowLengths } from './rows.js';
import { factorNames, settingsOf, sizesOf, updateOf } from './settings.js';

/** W + s·BA for each module that has factors; with DoRA its rows get the lengths that were trained. */
export function mergeLora(spec: LoraFields, { modules }: Adaptable, weights: TrainedWeights): Merges {
  const settings = settingsOf(spec);
  const dataOf = (name: string) => weights.get(name)?.data as Float32Array | undefined;
  return new Map(
    modules.filter(isTarget).flatMap((module) => {
      const names = factorNames(module);
      const [a, b, magnitude] = [dataOf(names.a), dataOf(names.b), dataOf(names.magnitude)];
      if (!a || !b) return [];
      const { r, scale } = updateOf(settings, module.name);
      const layout = layoutOf(module);
      const merge = (base: Float32Array) => {
        const sum = withProduct(base, { a, b, r, scale }, layout);
        return magnitude ? lengthened(sum, magnitude, layout) : sum;
      };
      return [[`${module.name}.weight`, merge] as const];
    }),
  );
}

type Layout = Pick<LinearModule, 'outputs' | 'inputs' | 'layout'>;

/** A table lies as [inputs, outputs]: a token's row is an output. */
function layoutOf(module: Target): Layout {
  const [inputs, outputs] = sizesOf(module);
  return { inputs, outputs, layout: module.type === 'embedding' ? 'in-out' : module.layout };
}

interface Change {
  /** [r, inputs] */
  readonly a: Float32Array;
  /** [outputs, r] */
  readonly b: Float32Array;
  readonly r: number;
  readonly scale: number;
}

/** W + s·BA, in the layout of W. */
export function withProduct(base: Float32Array, { a, b, r, scale }: Change, layout: Layout): Float32Array {
  const { inputs, outputs } = layout;
  const at = placeIn(layout);
  const row = new Float64Array(inputs);
  const out = new Float32Array(base.length);
  for (let o = 0; o < outputs; o++) {
    row.fill(0);
    for (let k = 0; k < r; k++) {
      const factor = scale * b[o * r + k]!;
      for (let i = 0; i < inputs; i++) row[i]! += factor * a[k * inputs + i]!;
    }
    for (let i = 0; i < inputs; i++) out[at(o, i)] = base[at(o, i)]! + row[i]!;
  }
  return out;
}

function lengthened(weight: Float32Array, magnitude: Float32Array, layout: Layout): Float32Array {
  const at = placeIn(layout);
  const lengths = rowLengths(weight, layout);
  for (let o = 0; o < layout.outputs; o++) {
    const factor = magnitude[o]! / lengths[o]!;
    for (let i = 0; i < layout.inputs; i++) weight[at(o, i)]! *= factor;
  }
  return weight;
}
