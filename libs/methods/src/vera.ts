import type { Value } from '@temper/graph';
import {
  symmetricUniforms,
  toFloat32,
  type TrainedWeights,
  type Adaptable,
  type Build,
  type LinearModule,
  type LinearParts,
} from '@temper/models';
import { commonFields } from './adapter/config-fields.js';
import { modulesToSaveOf, wholeShapes } from './adapter/modules-to-save.js';
import type { Adapter } from './adapter/read-adapter.js';
import { droppedInput } from './dropped-input.js';
import { withProduct } from './lora/merge.js';
import type { AdapterFormat, Merges, Method } from './method.js';
import { adapterName, modulesWith } from './peft-names.js';
import { completed } from './schema/method-schema.js';
import { veraSchema, type VeraSpec } from './schema/vera.js';
import { checkModulesToSave, isLinear, namesInConfig, targeted } from './targets.js';
import { TrainedHeads } from './trained-heads.js';

const VECTORS = ['vera_lambda_b', 'vera_lambda_d'] as const;
const nameOf = (module: string, vector: (typeof VECTORS)[number]) => adapterName(`${module}.${vector}`);
/** A [r, widest input] and B [widest output, r], which all modules share. */
const [A, B] = ['base_model.vera_A', 'base_model.vera_B'];

type Settings = ReturnType<typeof settingsOf>;
const settingsOf = (spec: VeraSpec) =>
  completed(veraSchema, spec, 'r', 'dInitial', 'dropout', 'projectionPrngKey');

/** The modules that are changed: what an adapter to start from has, what the spec says, or what the family does. */
function changedModules(spec: VeraSpec, model: Adaptable, adapter?: Adapter): LinearModule[] {
  const named = adapter ? modulesWith(adapter.weights.keys(), ...VECTORS) : model.defaultTargets.updated;
  const targetModules = spec.targetModules ?? named;
  return targeted(model.modules.filter(isLinear), { ...spec, targetModules });
}

/** Those of the adapter to start from, else as large as its modules need them (PEFT's _find_dim). */
function sharedShapes(spec: VeraSpec, model: Adaptable, adapter?: Adapter) {
  const { r } = settingsOf(spec);
  const modules = changedModules(spec, model, adapter);
  const inputs = Math.max(1, ...modules.map((module) => module.inputs));
  const outputs = Math.max(1, ...modules.map((module) => module.outputs));
  // An adapter may have been made with modules whose vectors it lacks, as they are trained whole.
  const [a, b] = [adapter?.weights.get(A)?.shape, adapter?.weights.get(B)?.shape];
  return {
    a: a?.length === 2 && a[0] === r && a[1]! >= inputs ? a : [r, inputs],
    b: b?.length === 2 && b[1] === r && b[0]! >= outputs ? b : [outputs, r],
  };
}

/** Uniform within ±√(6/columns): Kaiming, of a key of their own (PEFT, tuners/vera/model.py). */
function sharedWeights(spec: VeraSpec, model: Adaptable, adapter?: Adapter) {
  const { projectionPrngKey } = settingsOf(spec);
  const shapes = sharedShapes(spec, model, adapter);
  const weight = (name: string, shape: readonly number[]) => {
    const saved = adapter?.weights.get(name);
    const kept = saved && toFloat32(saved.dtype, saved.data);
    const count = shape[0]! * shape[1]!;
    const data =
      kept?.length === count
        ? kept
        : symmetricUniforms(count, Math.sqrt(6 / shape[1]!), projectionPrngKey, name);
    return [name, { shape, data }] as const;
  };
  return new Map([weight(A, shapes.a), weight(B, shapes.b)]);
}
type Shared = ReturnType<typeof sharedWeights>;

/** y + λ_b∘((λ_d∘(drop(x)Aᵀ))Bᵀ), with as many columns of A and rows of B as the module has inputs and outputs. */
function changed(
  build: Build,
  { module, product, addBias }: LinearParts,
  x: Value,
  { settings, shared }: { readonly settings: Settings; readonly shared: Shared },
): Value {
  const { g } = build;
  const { name, inputs, outputs } = module;
  const { r, dInitial, dropout } = settings;
  const vector = (part: (typeof VECTORS)[number], length: number, first: number) =>
    build.trainable(
      { name: nameOf(name, part), shape: [length], kind: 'kernel' },
      new Float32Array(length).fill(first),
    );
  const part = (of: string, axis: 0 | 1, length: number): Value => {
    const { shape, data } = shared.get(of)!;
    const whole = build.untrained(of, shape, data);
    if (shape[axis] === length) return whole;
    return g.op('Slice', [whole, g.int64s(0), g.int64s(length), g.int64s(axis)]);
  };
  const dropped = droppedInput(build, { site: 'vera_dropout', module: name, rate: dropout }, x);
  // Dropout's 1/keep is in the factor, so that it costs nothing.
  const alpha = 1 / (1 - dropout);
  const down = g.op('FusedMatMul', [dropped, part(A, 1, inputs)], { transB: 1, alpha });
  const middle = g.op('Mul', [down, vector('vera_lambda_d', r, dInitial)]);
  const up = g.op('FusedMatMul', [middle, part(B, 0, outputs)], { transB: 1 });
  const change = g.op('Mul', [up, vector('vera_lambda_b', outputs, 0)]);
  return addBias(g.op('Add', [product(x), change], undefined, { name: `${name}.vera` }));
}

const format: AdapterFormat<VeraSpec> = {
  peftType: 'VERA',

  /** PEFT 0.21's VeraConfig (tuners/vera/config.py). */
  fields: {
    ...commonFields,
    r: 'read',
    d_initial: 'read',
    vera_dropout: 'read',
    projection_prng_key: 'read',
    modules_to_save: 'read',
    save_projection: {
      only: [true, null],
      why: 'without them in the file its random matrices are what PyTorch’s generator makes of a key: save it again with save_projection=True',
    },
    bias: { only: ['none', null] },
    // The file's weights name the modules; patterns and layers have done their work.
    target_modules: 'free',
    exclude_modules: 'free',
    layers_to_transform: 'free',
    layers_pattern: 'free',
    fan_in_fan_out: 'free',
    init_weights: 'free',
  },

  read({ config }) {
    const saved = modulesToSaveOf(config);
    const [r, key] = [config.r ?? 256, config.projection_prng_key ?? 0] as number[];
    const [dInitial, dropout] = [config.d_initial ?? 0.1, config.vera_dropout ?? 0] as number[];
    return {
      fixed: { r, projectionPrngKey: key, ...(saved.length ? { modulesToSave: saved } : {}) },
      free: { dInitial, dropout },
    };
  },

  modules: ({ weights }) => modulesWith(weights.keys(), ...VECTORS),

  shapes(spec, model, adapter) {
    const { r } = settingsOf(spec);
    const { a, b } = sharedShapes(spec, model, adapter);
    const shapes = new Map([...wholeShapes(model.modules, spec.modulesToSave), [A, a], [B, b]] as const);
    for (const { name, outputs } of changedModules(spec, model, adapter))
      shapes.set(nameOf(name, 'vera_lambda_b'), [outputs]).set(nameOf(name, 'vera_lambda_d'), [r]);
    return shapes;
  },

  untrained: sharedWeights,

  config(spec, { modules }, weights) {
    const { r, dInitial, dropout, projectionPrngKey } = settingsOf(spec);
    const names = modulesWith(weights.keys(), ...VECTORS);
    const linears = modules.filter(isLinear);
    return {
      bias: 'none',
      d_initial: dInitial,
      fan_in_fan_out: linears.some(({ name, layout }) => layout === 'in-out' && names.includes(name)),
      init_weights: true,
      projection_prng_key: projectionPrngKey,
      r,
      save_projection: true,
      target_modules: namesInConfig(spec, modules, names),
      vera_dropout: dropout,
    };
  },

  merge: (_, { modules }, weights) =>
    new Map(
      modules.filter(isLinear).flatMap((module) => {
        const factors = factorsOf(module, weights);
        if (!factors) return [];
        const merge = (base: Float32Array) => withProduct(base, factors, module);
        return [[`${module.name}.weight`, merge] as const];
      }),
    ) satisfies Merges,
};

/** ΔW = (λ_b∘B)(λ_d∘A) of a module, as factors of its own; undefined where it is not changed. */
function factorsOf({ name, inputs, outputs }: LinearModule, weights: TrainedWeights) {
  const dataOf = (weight: string) => weights.get(weight)?.data as Float32Array | undefined;
  const [rows, ranks] = VECTORS.map((vector) => dataOf(nameOf(name, vector)));
  const [sharedA, sharedB, wide] = [dataOf(A), dataOf(B), weights.get(A)?.shape[1]];
  if (!rows || !ranks || !sharedA || !sharedB || !wide) return undefined;
  const r = ranks.length;
  const a = new Float32Array(r * inputs);
  for (let k = 0; k < r; k++)
    for (let i = 0; i < inputs; i++) a[k * inputs + i] = ranks[k]! * sharedA[k * wide + i]!;
  const b = Float32Array.from({ length: outputs * r }, (_, at) => rows[Math.floor(at / r)]! * sharedB[at]!);
  return { a, b, r, scale: 1 };
}

/**
 * VeRA (Kopiczko et al. 2024), as PEFT does it: y = xWᵀ + b + λ_b∘((λ_d∘(drop(x)Aᵀ))Bᵀ). A and B are random, one pair for all modules,
 * and not trained; λ_b [out], zero at first, and λ_d [r] are.
 */
export const vera: Method<'vera'> = {
  check(spec, model) {
    // An adapter to start from says its modules itself.
    if (spec.targetModules || spec.initFrom === undefined) changedModules(spec, model);
    checkModulesToSave(model.modules, spec.modulesToSave);
  },

  begin(spec, { model, adapter }) {
    const using = { settings: settingsOf(spec), shared: sharedWeights(spec, model, adapter) };
    const names = new Set(changedModules(spec, model, adapter).map(({ name }) => name));
    const heads = new TrainedHeads(model.modules, spec.modulesToSave);
    return {
      heads,
      hooks: {
        trains: heads.trains,
        linear: (build, parts, x) =>
          names.has(parts.module.name) && !heads.hasModule(parts.module.name)
            ? changed(build, parts, x, using)
            : undefined,
      },
    };
  },

  store: () => undefined,
  still: (spec) => ({ ...spec, dropout: 0 }),
  published: format,
};
