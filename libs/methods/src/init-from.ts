import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson, TemperError, type Problem } from '@temper/contracts';
import { type LoraSpec } from './schema/index.js';
import {
  firstOf,
  parseSafetensors,
  pointerProblem,
  shownShape,
  toFloat32,
  type Tensor,
} from '@temper/models';
import { configProblems, type AdapterConfig } from './adapter-config.js';
import { adapterName, loraNames } from './peft-names.js';
import { adaptedModules } from './targets.js';

const configFile = 'adapter_config.json';
const weightsFile = 'adapter_model.safetensors';
const path = 'method.initFrom';

/** A PEFT adapter that was read whole; its weights under the names that they have in the graph. */
export interface Adapter {
  readonly config: AdapterConfig;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Modules that have a pair of factors. */
  readonly modules: readonly string[];
}

/** @throws TemperError SPEC_INVALID where the folder is no adapter, MODEL_CORRUPT where a file of it is damaged */
export function readAdapter(folder: string): Adapter {
  const config = parseConfig(readFile(folder, configFile).toString('utf8'));
  const weights = new Map(
    [...parseSafetensors(join(folder, weightsFile), readFile(folder, weightsFile))].map(([name, tensor]) => [
      // Adapters saved inside a training loop keep the adapter's name in the weights'.
      name.replace('.default.', '.').replace('.modules_to_save.', '.'),
      tensor,
    ]),
  );
  const prefix = adapterName('');
  const suffix = '.lora_A.weight';
  const modules = [...weights.keys()].flatMap((name) =>
    name.startsWith(prefix) && name.endsWith(suffix) ? [name.slice(prefix.length, -suffix.length)] : [],
  );
  return { config, weights, modules };
}

/** What an adapter must fit. */
export interface Fitting {
  /** Of each weight that is trained. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Of the task head, which the base's replace where they are missing. */
  readonly optional: readonly string[];
  /** Of a head for other classes: nothing of them is read. */
  readonly ignored?: readonly string[];
  /** Modules that are trained whole. */
  readonly heads: readonly string[];
}

/**
 * The weights of a PEFT adapter by their names, checked against the spec and the shapes that the graph needs.
 * @throws TemperError SPEC_INVALID with all that does not fit
 */
export function adapterWeights(
  adapter: Adapter,
  spec: LoraSpec,
  fitting: Fitting,
): Map<string, Float32Array> {
  const misfits: Problem[] = [];
  const weights = new Map<string, Float32Array>();
  for (const [name, shape] of fitting.shapes) {
    if (fitting.ignored?.includes(name)) continue;
    const found = weightOf(adapter, name, shape);
    if (found instanceof Float32Array) weights.set(name, found);
    else if (found || !fitting.optional.includes(name)) misfits.push(found ?? missing(name, shape));
  }
  const problems = [
    ...configProblems(adapter.config, spec, fitting.heads),
    ...firstOf(misfits),
    ...surplus(adapter, fitting),
  ];
  if (problems.length) throw new TemperError('SPEC_INVALID', problems);
  return weights;
}

/**
 * The same check from headers alone: `linears` are the sizes of the model's linear modules. The sizes of a head follow from
 * the data, so it is looked at when the graph is built.
 */
export function checkAdapter(
  folder: string,
  spec: LoraSpec,
  model?: {
    readonly linears: ReadonlyMap<string, readonly [outputs: number, inputs: number]>;
    readonly heads: readonly string[];
  },
): void {
  const adapter = readAdapter(folder);
  if (!model) {
    const problems = configProblems(adapter.config, spec, []);
    if (problems.length) throw new TemperError('SPEC_INVALID', problems);
    return;
  }
  const names = [...model.linears.keys()];
  refuseOtherModels(adapter, names);
  const shapes = new Map<string, readonly number[]>();
  for (const module of adaptedModules(names, spec.targetModules ?? adapter.modules)) {
    const [outputs, inputs] = model.linears.get(module)!;
    shapes.set(loraNames(module).a, [spec.r, inputs]).set(loraNames(module).b, [outputs, spec.r]);
  }
  const head = [...adapter.weights].filter(([name]) =>
    model.heads.some((module) => name.startsWith(`${adapterName(module)}.`)),
  );
  for (const [name, { shape }] of head) shapes.set(name, shape);
  adapterWeights(adapter, spec, { shapes, optional: head.map(([name]) => name), heads: model.heads });
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

function surplus({ weights, modules }: Adapter, { shapes }: Fitting): Problem[] {
  const left = [...weights.keys()].filter((name) => !shapes.has(name));
  if (!left.length) return [];
  const endings = new Set(modules.map((module) => module.slice(module.lastIndexOf('.') + 1)));
  return [
    {
      path: 'method.targetModules',
      message: `leaves out ${left.length} weights of the adapter`,
      found: left.slice(0, 3).join(', '),
      allowed: `${[...endings].join(', ')}, or no targetModules: then they are the adapter's`,
    },
  ];
}

/** @throws TemperError SPEC_INVALID where the adapter has weights of modules that the model lacks */
export function refuseOtherModels(adapter: Adapter | undefined, linears: readonly string[]): void {
  const known = new Set(linears);
  const unknown = adapter?.modules.filter((module) => !known.has(module)) ?? [];
  if (!unknown.length) return;
  throw new TemperError('SPEC_INVALID', {
    path,
    message: `the adapter changes ${unknown.length} modules that the base model does not have`,
    found: unknown.slice(0, 3).join(', '),
    allowed: `modules such as ${linears.slice(0, 2).join(', ')}`,
    hint: 'it was made for another base model',
  });
}

function parseConfig(text: string): AdapterConfig {
  try {
    const config = parseJson(text);
    if (typeof config === 'object' && config !== null && !Array.isArray(config))
      return config as AdapterConfig;
  } catch (cause) {
    const problem = { path, message: `${configFile} is not JSON`, found: text.slice(0, 40) };
    throw new TemperError('SPEC_INVALID', problem, { cause });
  }
  throw new TemperError('SPEC_INVALID', {
    path,
    message: `${configFile} is not an object`,
    found: text.slice(0, 40),
  });
}

const corrupt = (file: string, problem: Omit<Problem, 'path'>) =>
  new TemperError('MODEL_CORRUPT', { path: file, ...problem });

/** In bytes. The weights are held in memory, and a buffer holds no more. */
const LARGEST_CONFIG = 2 ** 24;
const LARGEST_WEIGHTS = 2 ** 31 - 1;

function readFile(folder: string, name: string): Buffer {
  const file = join(folder, name);
  let bytes: Buffer;
  try {
    const found = statSync(file);
    // To read a pipe would wait for somebody who writes into it.
    if (!found.isFile()) throw corrupt(file, { message: 'is no file', found: 'a folder, pipe or device' });
    const limit = name === configFile ? LARGEST_CONFIG : LARGEST_WEIGHTS;
    if (found.size > limit)
      throw corrupt(file, {
        message: 'is too long for what it is',
        found: `${found.size} bytes`,
        allowed: `at most ${limit}`,
      });
    bytes = readFileSync(file);
  } catch (cause) {
    if (cause instanceof TemperError) throw cause;
    throw new TemperError('SPEC_INVALID', noFile(folder, name), { cause });
  }
  const pointer = pointerProblem(bytes.toString('latin1', 0, 1024));
  if (pointer) throw corrupt(file, pointer);
  return bytes;
}

function noFile(folder: string, name: string): Problem {
  const problem = {
    path,
    message: `no ${name} in this folder`,
    found: folder,
    allowed: `a folder saved by PEFT: ${configFile} and ${weightsFile}`,
  };
  if (name !== weightsFile || !namesIn(folder).includes('adapter_model.bin')) return problem;
  return {
    ...problem,
    message: 'the adapter has pickled weights alone, which run code when they are read',
    found: join(folder, 'adapter_model.bin'),
    hint: 'convert with PEFT: PeftModel.from_pretrained(…).save_pretrained(…, safe_serialization=True)',
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
