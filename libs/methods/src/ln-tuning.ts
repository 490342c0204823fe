import { parametersOf, type Adaptable, type Module } from '@temper/models';
import { commonFields } from './adapter/config-fields.js';
import { modulesToSaveOf, wholeShapes } from './adapter/modules-to-save.js';
import type { Adapter } from './adapter/read-adapter.js';
import type { AdapterFormat, Method } from './method.js';
import { adapterName, modulesWith } from './peft-names.js';
import type { LnTuningSpec } from './schema/index.js';
import { checkModulesToSave, namesInConfig, targeted } from './targets.js';
import { TrainedHeads } from './trained-heads.js';

const ENDINGS = ['ln_tuning_layers.weight', 'ln_tuning_layers.bias'] as const;

/** `model.norm.weight` is `base_model.model.model.norm.ln_tuning_layers.weight`. */
const nameOf = (weight: string) => adapterName(weight.replace(/[^.]+$/, 'ln_tuning_layers.$&'));

const isNorm = (module: Module) => module.type === 'norm' && module.affine !== false;

/** The norms that are trained: what an adapter to start from has, what the spec says, or all before the head. */
function trainedNorms(spec: LnTuningSpec, { modules }: Adaptable, adapter?: Adapter): Module[] {
  const norms = modules.filter(isNorm);
  const named = adapter && modulesWith(adapter.weights.keys(), ...ENDINGS);
  const targetModules = spec.targetModules ?? named;
  return targetModules ? targeted(norms, { targetModules }) : norms.filter(({ inHead }) => !inHead);
}

const format: AdapterFormat<LnTuningSpec> = {
  peftType: 'LN_TUNING',

  /** PEFT 0.21's LNTuningConfig (tuners/ln_tuning/config.py). */
  fields: {
    ...commonFields,
    target_modules: 'free',
    exclude_modules: 'free',
    modules_to_save: 'read',
  },

  read({ config }) {
    const saved = modulesToSaveOf(config);
    return { fixed: saved.length ? { modulesToSave: saved } : {} };
  },

  modules: ({ weights }) => modulesWith(weights.keys(), ...ENDINGS),

  shapes: (spec, model, adapter) =>
    new Map([
      ...wholeShapes(model.modules, spec.modulesToSave),
      ...parametersOf(trainedNorms(spec, model, adapter)).map(
        ({ name, shape }) => [nameOf(name), shape] as const,
      ),
    ]),

  config: (spec, { modules }, weights) => ({
    target_modules: namesInConfig(spec, modules, modulesWith(weights.keys(), ...ENDINGS)),
  }),

  // The trained weights stand in the place of the base's.
  merge: (_, { modules }, weights) =>
    new Map(
      parametersOf(modules.filter(isNorm)).flatMap(({ name }) => {
        const found = weights.get(nameOf(name));
        return found ? [[name, () => found.data as Float32Array] as const] : [];
      }),
    ),
};

/** Tuning of the norms alone (Zhao et al. 2023, Tuning LayerNorm in Attention), as PEFT does it. */
export const lnTuning: Method<'ln-tuning'> = {
  check(spec, model) {
    trainedNorms(spec, model);
    checkModulesToSave(model.modules, spec.modulesToSave);
  },

  begin(spec, { model, adapter }) {
    const heads = new TrainedHeads(model.modules, spec.modulesToSave);
    const chosen = new Set(parametersOf(trainedNorms(spec, model, adapter)).map(({ name }) => name));
    return {
      heads,
      hooks: {
        trains: (parameter, made) =>
          heads.trains(parameter, made) ?? (chosen.has(parameter.name) ? nameOf(parameter.name) : undefined),
      },
    };
  },

  store: () => undefined,
  still: (spec) => spec,
  published: format,
};
