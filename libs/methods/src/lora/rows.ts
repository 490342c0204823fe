import type { LinearModule } from '@temper/models';

type Layout = Pick<LinearModule, 'outputs' | 'inputs' | 'layout'>;

/** Where the weight of output o and input i lies. */
export const placeIn = ({ outputs, inputs, layout }: Layout): ((o: number, i: number) => number) =>
  layout === 'out-in' ? (o, i) => o * inputs + i : (o, i) => i * outputs + o;

/** √Σ wᵢ² of what each output is made with. */
export function rowLengths(weight: Float32Array, module: Layout): Float32Array {
  const at = placeIn(module);
  return Float32Array.from({ length: module.outputs }, (_, o) => {
    let sum = 0;
    for (let i = 0; i < module.inputs; i++) sum += weight[at(o, i)]! ** 2;
    return Math.sqrt(sum);
  });
}
