import { TemperError } from '@temper/contracts';
import type { Value } from '@temper/graph';
import { symmetricUniforms, type Adaptable, type Build, type LinearModule } from '@temper/models';
import { commonFields } from './adapter/config-fields.js';
import { modulesToSaveOf, wholeShapes } from './adapter/modules-to-save.js';
import type { Adapter } from './adapter/read-adapter.js';
import { refuseIdlePatterns, updateOf } from './lora/settings.js';
import type { AdapterFormat, Merges, Method } from './method.js';
import { adapterName, modulesWith } from './peft-names.js';
import { lohaSchema, type LohaSpec } from './schema/loha.js';
import { completed } from './schema/method-schema.js';
import { checkModulesToSave, isLinear, namesInConfig, targeted } from './targets.js';
import { TrainedHeads } from './trained-heads.js';

const FACTORS = ['hada_w1_a', 'hada_w1_b', 'hada_w2_a', 'hada_w2_b'] as const;
type Factor = (typeof FACTORS)[number];
const nameOf = (module: string, factor: Factor) => adapterName(`${module}.${factor}`);

const settingsOf = (spec: LohaSpec) => completed(lohaSchema, spec, 'r', 'alpha');

/** The modules that are changed: what an adapter to start from has, what the spec says, or what the family does. */
function changedModules(spec: LohaSpec, model: Adaptable, adapter?: Adapter): LinearModule[] {
  const named = adapter ? modulesWith(adapter.weights.keys(), ...FACTORS) : model.defaultTargets.updated;
  const linears = model.modules.filter(isLinear);
  const chosen = targeted(linears, { ...spec, targetModules: spec.targetModules ?? named });
  refuseConv1d(chosen);
  return chosen;
}

/** As PEFT keeps them: W is [outputs, inputs]. */
const shapesOf = (
  { outputs, inputs }: LinearModule,
  r: number,
): Readonly<Record<Factor, [number, number]>> => ({
  hada_w1_a: [outputs, r],
  hada_w1_b: [r, inputs],
  hada_w2_a: [outputs, r],
  hada_w2_b: [r, inputs],
});

/** (α/r)·(A₁B₁)∘(A₂B₂), of which B₂ is zero at first and the others uniform within ±1/√columns (Kaiming with a = √5). [outputs, inputs] */
function update(build: Build, module: LinearModule, r: number): Value {
  const { g, options } = build;
  const shapes = shapesOf(module, r);
  const factor = (part: Factor): Value => {
    const [name, shape] = [nameOf(module.name, part), shapes[part]];
    const bound = part === 'hada_w2_b' ? 0 : 1 / Math.sqrt(shape[1]);
    const start = symmetricUniforms(shape[0] * shape[1], bound, options.seed, name);
    return build.trainable({ name, shape, kind: 'kernel' }, start);
  };
  const [a1, b1, a2, b2] = FACTORS.map(factor);
  return g.op('Mul', [g.op('FusedMatMul', [a1, b1]), g.op('FusedMatMul', [a2, b2])]);
}

const format: AdapterFormat<LohaSpec> = {
  peftType: 'LOHA',

  /** PEFT 0.21's LoHaConfig (tuners/loha/config.py). */
  fields: {
    ...commonFields,
    r: 'read',
    alpha: 'read',
    rank_pattern: 'read',
    alpha_pattern: 'read',
    modules_to_save: 'read',
    // The file's weights name the modules; patterns, layers and exclusions have done their work.
    target_modules: 'free',
    exclude_modules: 'free',
    layers_to_transform: 'free',
    layers_pattern: 'free',
    init_weights: 'free',
    // Of the training that made it.
    rank_dropout: 'free',
    module_dropout: 'free',
    // Of convolutions.
    use_effective_conv2d: 'free',
  },

  read({ config }) {
    const saved = modulesToSaveOf(config);
    const patterns = (name: string) => {
      const found = config[name] as Record<string, number> | undefined;
      return found && Object.keys(found).length ? found : undefined;
    };
    const [rankPattern, alphaPattern] = [patterns('rank_pattern'), patterns('alpha_pattern')];
    return {
      fixed: {
        r: (config.r ?? 8) as number,
        alpha: (config.alpha ?? 8) as number,
        ...(rankPattern ? { rankPattern } : {}),
        ...(alphaPattern ? { alphaPattern } : {}),
        ...(saved.length ? { modulesToSave: saved } : {}),
      },
    };
  },

  modules: ({ weights }) => modulesWith(weights.keys(), ...FACTORS),

  shapes(spec, model, adapter) {
    const settings = settingsOf(spec);
    const shapes = new Map<string, readonly number[]>(wholeShapes(model.modules, spec.modulesToSave));
    for (const module of changedModules(spec, model, adapter)) {
      const { r } = updateOf(settings, module.name);
      const own = shapesOf(module, r);
      for (const factor of FACTORS) shapes.set(nameOf(module.name, factor), own[factor]);
    }
    return shapes;
  },

  config(spec, { modules }, weights) {
    const { r, alpha, rankPattern = {}, alphaPattern = {} } = settingsOf(spec);
    const changed = modulesWith(weights.keys(), ...FACTORS);
    return {
      ...{ r, alpha, rank_pattern: rankPattern, alpha_pattern: alphaPattern },
      ...{ init_weights: true, module_dropout: 0, rank_dropout: 0, use_effective_conv2d: false },
      target_modules: namesInConfig(spec, modules, changed),
    };
  },

  merge(spec, { modules }, weights) {
    const settings = settingsOf(spec);
    return new Map(
      modules.filter(isLinear).flatMap((module) => {
        const parts = FACTORS.map((factor) => weights.get(nameOf(module.name, factor))?.data as Float32Array);
        if (!parts[0]) return [];
        const of = updateOf(settings, module.name);
        return [[`${module.name}.weight`, (base: Float32Array) => added(base, parts, module, of)] as const];
      }),
    ) satisfies Merges;
  },
};

function added(
  base: Float32Array,
  [a1, b1, a2, b2]: readonly Float32Array[],
  { outputs, inputs }: LinearModule,
  { r, scale }: { readonly r: number; readonly scale: number },
): Float32Array {
  const out = new Float32Array(base.length);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++) {
      let [first, second] = [0, 0];
      for (let k = 0; k < r; k++) {
        first += a1![o * r + k]! * b1![k * inputs + i]!;
        second += a2![o * r + k]! * b2![k * inputs + i]!;
      }
      out[o * inputs + i] = base[o * inputs + i]! + scale * first * second;
    }
  return out;
}

/**
 * LoHa (Hyeon-Woo et al. 2022, FedPara; LyCORIS), as PEFT does it: y = xWᵀ + b + (α/r)·x((A₁B₁)∘(A₂B₂))ᵀ with A [out, r] and
 * B [r, in], where ∘ is the product of elements.
 */
export const loha: Method<'loha'> = {
  check(spec, model) {
    const starts = spec.initFrom === undefined;
    // An adapter to start from says its modules itself.
    const chosen = starts || spec.targetModules ? changedModules(spec, model) : [];
    if (starts) refuseIdlePatterns(spec, chosen);
    checkModulesToSave(model.modules, spec.modulesToSave);
  },

  begin(spec, { model, adapter }) {
    const settings = settingsOf(spec);
    const changed = new Set(changedModules(spec, model, adapter).map(({ name }) => name));
    const heads = new TrainedHeads(model.modules, spec.modulesToSave);
    return {
      heads,
      hooks: {
        trains: heads.trains,
        linear(build, { module, product, addBias }, x) {
          if (!changed.has(module.name) || heads.hasModule(module.name)) return undefined;
          const { r, scale } = updateOf(settings, module.name);
          const change = build.g.op('FusedMatMul', [x, update(build, module, r)], {
            transB: 1,
            alpha: scale,
          });
          return addBias(build.g.op('Add', [product(x), change], undefined, { name: `${module.name}.loha` }));
        },
      },
    };
  },

  store: () => undefined,
  still: (spec) => spec,
  published: format,
};

/** @throws TemperError SPEC_INVALID for GPT-2's Conv1D, of which PEFT has no LoHa */
function refuseConv1d(chosen: readonly LinearModule[]): void {
  const turned = chosen.filter(({ layout }) => layout === 'in-out');
  if (!turned.length) return;
  throw new TemperError('SPEC_INVALID', {
    path: 'method.type',
    message:
      'PEFT has no LoHa of Conv1D, in which this family keeps its weights: no tool could load the adapter',
    found: turned
      .slice(0, 3)
      .map(({ name }) => name)
      .join(', '),
    allowed: 'another method, such as lora',
  });
}
