import { elementCount } from '@temper/models';
import { directionsOf, specifiedValues } from './cell-model.js';
import type { TrainedCell } from './engine.js';
import type { Cell, GoldenWeight } from './golden.js';

/** Relative, of a step's loss. */
const LOSS = 1e-5;
/** Of the norm of a tensor's own change. */
const CHANGE = 1e-3;
/** PyTorch's own fp32 may be further from its fp64: twice that is allowed. */
const NOISE = 2;

/** transformers writes some weights under older names (conversion_mapping.py), which the generator made them by. */
const namesInFiles: Readonly<Record<string, string>> = { 'lm_head.weight': 'embed_out.weight' };

/** Of methods whose model PEFT wraps once, the checkpoint has the names of the others; a bare body's weights are called as in a model with a head. */
function inCheckpoint(name: string, { body, spec }: Cell): string {
  const wrapped = name.replace(/^base_model\.(?!model\.)/, 'base_model.model.');
  if (body === undefined) return wrapped;
  if (spec.method.type === 'full') return body + wrapped;
  return wrapped.replace(/^base_model\.model\./, `base_model.model.${body}`);
}

const relative = (a: number, b: number) => Math.abs(a - b) / Math.abs(b);

/** All in which what was trained here is not what PyTorch trained, in words; empty where it is. */
export const differences = (trained: TrainedCell): string[] => [
  ...stepDifferences(trained),
  ...weightDifferences(trained),
];

function stepDifferences({ cell, steps }: TrainedCell): string[] {
  if (steps.length !== cell.steps.length) return [`${steps.length} steps instead of ${cell.steps.length}`];
  const allowed = Math.max(LOSS, NOISE * cell.noise);
  return cell.steps.flatMap((golden, i) => {
    const ours = steps[i]!;
    const numbers = [
      ['loss', allowed],
      ['gradNorm', 10 * allowed],
      ['learningRate', 1e-8],
    ] as const;
    return numbers
      .filter(([name, most]) => !(relative(ours[name], golden[name]) <= most || ours[name] === golden[name]))
      .map(([name, most]) => `${name} of step ${i + 1}: ${ours[name]} instead of ${golden[name]} ± ${most}`);
  });
}

function weightDifferences({ cell, weights }: TrainedCell): string[] {
  const names = Object.keys(cell.weights).map((name) => inCheckpoint(name, cell));
  const others = [...weights.keys()].filter((name) => !names.includes(name));
  const first = new Map([...cell.base, ...(cell.adapter?.tensors ?? [])].map((t) => [t[0], t]));
  return [
    ...others.map((name) => `${name} is trained here alone`),
    ...Object.keys(cell.weights).flatMap((name) => {
      const ours = weights.get(inCheckpoint(name, cell));
      if (!ours) return [`${name} is not trained`];
      const golden = cell.weights[name]!;
      const before = specifiedValues((first.get(name) ?? first.get(namesInFiles[name]!))!);
      const distance = distanceOf(name, ours.data as Float32Array, before, golden);
      const most = Math.max(CHANGE, NOISE * golden.noise) * golden.norm;
      return distance <= most ? [] : [`${name}: ${distance} away, where ${most} is allowed`];
    }),
  ];
}

/** ‖our change − PyTorch's‖; of a large tensor as its projections estimate it. */
function distanceOf(name: string, after: Float32Array, before: Float32Array, golden: GoldenWeight): number {
  const count = elementCount(golden.shape);
  if (after.length !== count) return Infinity;
  const change = Float64Array.from(after, (value, i) => value - before[i]!);
  for (const [from, to] of golden.leftOut ?? []) change.fill(0, from, to);
  if (golden.change) return norm(golden.change.map((value, i) => change[i]! - value));
  if (!golden.projections) return 0;
  const directions = directionsOf(name, count);
  const parts = golden.projections.map((golden, k) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += directions[k * count + i]! * change[i]!;
    return sum - golden;
  });
  return norm(parts) / Math.sqrt(parts.length);
}

const norm = (x: readonly number[]) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));

/** Largest |a − b|; infinite where the lengths differ. */
export function largestDifference(a: readonly number[][], b: readonly number[][]): number {
  const [x, y] = [a.flat(), b.flat()];
  if (x.length !== y.length) return Infinity;
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0);
}
