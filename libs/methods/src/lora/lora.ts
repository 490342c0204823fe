import type { Hooks, Module } from '@temper/models';
import type { Method } from '../method.js';
import { checkModulesToSave } from '../targets.js';
import { TrainedHeads } from '../trained-heads.js';
import { loraFormat } from './format.js';
import { adaptedModules, refuseIdlePatterns, refuseTables, settingsOf } from './settings.js';
import { adaptedRows, adaptedProduct } from './updates.js';

/**
 * LoRA (Hu et al. 2021), as PEFT does it: y = xWᵀ + b + (α/r)·(drop(x)Aᵀ)Bᵀ with A [r, in] and B [out, r]; with rsLoRA's scale and
 * DoRA's length of each row where the spec says so. Only A and B of the target modules are trained, and the task head.
 */
export const lora: Method<'lora'> = {
  // An adapter to start from names its modules itself, and each family has its default.
  check(spec, model) {
    const chosen = spec.targetModules ? adaptedModules(spec, model, undefined) : [];
    // An adapter to start from says its modules itself.
    if (spec.initFrom === undefined) refuseIdlePatterns(spec, adaptedModules(spec, model, undefined));
    checkModulesToSave(model.modules, spec.modulesToSave);
    refuseTables(spec, chosen);
  },

  begin(spec, { base, model, adapter }) {
    const settings = settingsOf(spec);
    const chosen = adaptedModules(spec, model, adapter);
    refuseTables(spec, chosen);
    const adapted = new Set(chosen.map(({ name }) => name));
    const heads = new TrainedHeads(model.modules, spec.modulesToSave);
    const isAdapted = (module: Module) => adapted.has(module.name) && !heads.hasModule(module.name);
    const from = { settings, base, starts: adapter === undefined };
    const ratio = spec.loraPlusRatio;
    const hooks: Hooks = {
      linear: (build, parts, x) =>
        isAdapted(parts.module) ? adaptedProduct(build, parts, x, from) : undefined,
      embedding: (build, module, ids, rows) =>
        isAdapted(module) ? adaptedRows(build, module, { ids, rows }, from) : undefined,
      trains: heads.trains,
      // LoRA+ has biases and lengths in the group of B (PEFT, optimizers/loraplus.py).
      ...(ratio === undefined ? {} : { learningRateScale: ({ shape }) => (shape.length === 1 ? ratio : 1) }),
    };
    return { hooks, heads };
  },

  store: () => undefined,
  still: (spec) => ({ ...spec, dropout: 0 }),
  published: loraFormat,
};
