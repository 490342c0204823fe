import { TemperError } from '@temper/contracts';
import type { Adaptable, LinearModule } from '@temper/models';
import { commonFields } from './adapter/config-fields.js';
import { modulesToSaveOf, wholeShapes } from './adapter/modules-to-save.js';
import type { Adapter } from './adapter/read-adapter.js';
import { placeIn } from './lora/rows.js';
import type { AdapterFormat, Merges, Method } from './method.js';
import { adapterName, modulesWith } from './peft-names.js';
import type { Ia3Spec } from './schema/index.js';
import { checkModulesToSave, endsAs, isLinear, namesInConfig, shortNames, targeted } from './targets.js';
import { TrainedHeads } from './trained-heads.js';

const ENDING = 'ia3_l';
const nameOf = (module: string) => adapterName(`${module}.${ENDING}`);

interface Scaled {
  readonly module: LinearModule;
  /** Its input is scaled, not its product. */
  readonly feedforward: boolean;
}

/** The modules that are scaled: what an adapter to start from has, what the spec says, or what the family does. */
function scaledModules(spec: Ia3Spec, { modules, defaultTargets }: Adaptable, adapter?: Adapter): Scaled[] {
  const linears = modules.filter(isLinear);
  const named = adapter ? modulesWith(adapter.weights.keys(), ENDING) : defaultTargets.scaled;
  const chosen = targeted(linears, { targetModules: spec.targetModules ?? named });
  const feedforward =
    spec.feedforwardModules ?? (spec.targetModules || adapter ? [] : defaultTargets.feedforward);
  return chosen.map((module) => ({
    module,
    feedforward:
      adapter && !spec.feedforwardModules
        ? adapter.weights.get(nameOf(module.name))?.shape[0] === 1
        : feedforward.some((end) => endsAs(module.name, end)),
  }));
}

const lengthOf = ({ module, feedforward }: Scaled) => (feedforward ? module.inputs : module.outputs);
/** As PEFT keeps it. */
const shapeOf = (scaled: Scaled) => (scaled.feedforward ? [1, lengthOf(scaled)] : [lengthOf(scaled), 1]);

const format: AdapterFormat<Ia3Spec> = {
  peftType: 'IA3',

  /** PEFT 0.21's IA3Config (tuners/ia3/config.py). */
  fields: {
    ...commonFields,
    target_modules: 'free',
    exclude_modules: 'free',
    feedforward_modules: 'free',
    fan_in_fan_out: 'free',
    modules_to_save: 'read',
    init_ia3_weights: 'free',
  },

  // Which of them are feedforward modules the shapes of the weights say.
  read({ config }) {
    const saved = modulesToSaveOf(config);
    return { fixed: saved.length ? { modulesToSave: saved } : {} };
  },

  modules: ({ weights }) => modulesWith(weights.keys(), ENDING),

  shapes: (spec, model, adapter) =>
    new Map([
      ...wholeShapes(model.modules, spec.modulesToSave),
      ...scaledModules(spec, model, adapter).map(
        (scaled) => [nameOf(scaled.module.name), shapeOf(scaled)] as const,
      ),
    ]),

  config({ targetModules, feedforwardModules }, { modules }, weights) {
    const scaled = modulesWith(weights.keys(), ENDING);
    const feedforward = scaled.filter((module) => weights.get(nameOf(module))!.shape[0] === 1);
    const linears = modules.filter(isLinear);
    return {
      fan_in_fan_out: linears.some(({ name, layout }) => layout === 'in-out' && scaled.includes(name)),
      feedforward_modules: feedforwardModules
        ? [...feedforwardModules].sort()
        : shortNames(
            linears.filter(({ name }) => scaled.includes(name)),
            feedforward,
          ),
      init_ia3_weights: true,
      target_modules: namesInConfig({ targetModules }, modules, scaled),
    };
  },

  merge: (_, { modules }, weights) =>
    new Map(
      modules.filter(isLinear).flatMap((module) => {
        const found = weights.get(nameOf(module.name));
        if (!found) return [];
        return mergesOf(module, found.data as Float32Array, found.shape[0] === 1);
      }),
    ) satisfies Merges,
};

/** Columns of the weight where the input is scaled, else its rows and the bias. */
function mergesOf(module: LinearModule, scale: Float32Array, feedforward: boolean) {
  const at = placeIn(module);
  const weight = (base: Float32Array) => {
    const out = new Float32Array(base.length);
    for (let o = 0; o < module.outputs; o++)
      for (let i = 0; i < module.inputs; i++) out[at(o, i)] = base[at(o, i)]! * scale[feedforward ? i : o]!;
    return out;
  };
  const bias = (base: Float32Array) => base.map((value, o) => value * scale[o]!);
  return [
    [`${module.name}.weight`, weight] as const,
    ...(module.bias && !feedforward ? [[`${module.name}.bias`, bias] as const] : []),
  ];
}

/** IA³ (Liu et al. 2022), as PEFT does it: (xWᵀ + b)·l, or in feedforward modules (x·l)Wᵀ + b; l is one at first. */
export const ia3: Method<'ia3'> = {
  check(spec, model) {
    refuseOthers(spec, scaledModules(spec, model));
    checkModulesToSave(model.modules, spec.modulesToSave);
  },

  begin(spec, { model, adapter }) {
    const byName = new Map(scaledModules(spec, model, adapter).map((scaled) => [scaled.module.name, scaled]));
    const heads = new TrainedHeads(model.modules, spec.modulesToSave);
    return {
      heads,
      hooks: {
        trains: heads.trains,
        linear(build, { module, product, addBias }, x) {
          const scaled = byName.get(module.name);
          if (!scaled || heads.hasModule(module.name)) return undefined;
          const { g } = build;
          const length = lengthOf(scaled);
          const weight = { name: nameOf(module.name), shape: shapeOf(scaled), kind: 'kernel' } as const;
          const kept = build.trainable(weight, new Float32Array(length).fill(1));
          const scale = g.op('Reshape', [kept, g.int64s(length)]);
          return scaled.feedforward
            ? addBias(product(g.op('Mul', [x, scale])))
            : g.op('Mul', [addBias(product(x)), scale]);
        },
      },
    };
  },

  store: () => undefined,
  still: (spec) => spec,
  published: format,
};

/** @throws TemperError SPEC_INVALID for feedforward modules that are no targets */
function refuseOthers({ feedforwardModules = [] }: Ia3Spec, chosen: readonly Scaled[]): void {
  const others = feedforwardModules.filter((end) => !chosen.some(({ module }) => endsAs(module.name, end)));
  if (!others.length) return;
  throw new TemperError('SPEC_INVALID', {
    path: 'method.feedforwardModules',
    message: 'is not among the targetModules',
    found: others.join(', '),
    allowed: 'ends of names of modules that are scaled',
  });
}
