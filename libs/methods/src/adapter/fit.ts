import { TemperError, type Problem } from '@temper/contracts';
import { firstOf, shownShape, toFloat32, type Module } from '@temper/models';
import type { AdapterFormat } from '../method.js';
import { shown } from './config-fields.js';
import { lastPart } from '../peft-names.js';
import type { MethodSpec } from '../schema/index.js';
import { weightsFile, type Adapter } from './read-adapter.js';

/** What an adapter must fit. */
export interface Fitting {
  readonly spec: MethodSpec;
  readonly format: AdapterFormat<MethodSpec>;
  /** Of each weight that is trained. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Those that the base's replace where they are missing: of the task head. */
  readonly optional: ReadonlySet<string>;
  /** Of a head for other classes: nothing of them is read. */
  readonly ignored?: ReadonlySet<string>;
  /** What else is wrong with it. */
  readonly problems: readonly Problem[];
}

/**
 * The weights of a PEFT adapter by their names, checked against the shapes that the graph needs.
 * @throws TemperError SPEC_INVALID with all that does not fit
 */
export function adapterWeights(adapter: Adapter, fitting: Fitting): Map<string, Float32Array> {
  const misfits: Problem[] = [];
  const weights = new Map<string, Float32Array>();
  for (const [name, shape] of fitting.shapes) {
    if (fitting.ignored?.has(name)) continue;
    const found = weightOf(adapter, name, shape);
    if (found instanceof Float32Array) weights.set(name, found);
    else if (found || !fitting.optional.has(name)) misfits.push(found ?? missing(name, shape));
  }
  const problems = [...fitting.problems, ...firstOf(misfits), ...surplus(adapter, fitting)];
  if (problems.length) throw new TemperError('SPEC_INVALID', problems);
  return weights;
}

function weightOf(
  { weights }: Adapter,
  name: string,
  shape: readonly number[],
): Float32Array | Problem | undefined {
  const tensor = weights.get(name);
  if (!tensor) return undefined;
  const where = { path: `${weightsFile}: ${name}` };
  const data = toFloat32(tensor.dtype, tensor.data);
  if (shownShape(tensor.shape) !== shownShape(shape) || !data) {
    return {
      ...where,
      message: 'has another shape or type than the spec and the base model ask for',
      found: `${tensor.dtype} ${shownShape(tensor.shape)}`,
      allowed: `F32 ${shownShape(shape)}`,
    };
  }
  const first = data.findIndex((value) => !Number.isFinite(value));
  if (first < 0) return data;
  return { ...where, message: 'has weights that are NaN or infinite', found: `the first at ${first}` };
}

const missing = (name: string, shape: readonly number[]): Problem => ({
  path: `${weightsFile}: ${name}`,
  message: 'missing from the adapter',
  allowed: shownShape(shape),
});

function surplus(adapter: Adapter, { spec, format, shapes }: Fitting): Problem[] {
  const left = [...adapter.weights.keys()].filter((name) => !shapes.has(name));
  if (!left.length) return [];
  const found = {
    message: `leaves out ${left.length} weights of the adapter`,
    found: left.slice(0, 3).join(', '),
  };
  if (!('targetModules' in spec) || !spec.targetModules) {
    const { task_type: task } = adapter.config;
    const hint = { hint: `its adapter_config.json says task_type ${shown(task)}` };
    return [{ path: 'method.initFrom', ...found, ...(task ? hint : {}) }];
  }
  const endings = new Set(format.modules?.(adapter).map(lastPart));
  return [
    {
      path: 'method.targetModules',
      ...found,
      allowed: `${[...endings].join(', ')}, or no targetModules: then they are the adapter's`,
    },
  ];
}

/** @throws TemperError SPEC_INVALID where the adapter has weights of modules that the model lacks */
export function refuseOtherModels(
  adapter: Adapter,
  format: AdapterFormat<MethodSpec>,
  modules: readonly Module[],
): void {
  const known = new Set(modules.map(({ name }) => name));
  const unknown = format.modules?.(adapter).filter((module) => !known.has(module)) ?? [];
  if (!unknown.length) return;
  const linears = modules.filter(({ type }) => type === 'linear').map(({ name }) => name);
  throw new TemperError('SPEC_INVALID', {
    path: 'method.initFrom',
    message: `the adapter changes ${unknown.length} modules that the base model does not have`,
    found: unknown.slice(0, 3).join(', '),
    allowed: `modules such as ${linears.slice(0, 2).join(', ')}`,
    hint: 'it was made for another base model',
  });
}
