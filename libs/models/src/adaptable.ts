import { modulesOf, type DefaultTargets, type Head } from './architectures/family.js';
import { recognize } from './architectures/registry.js';
import type { Module } from './build/module.js';
import type { BaseModel } from './model.js';

/** What a fine-tuning method can change of a model. */
export interface Adaptable {
  readonly modules: readonly Module[];
  readonly defaultTargets: DefaultTargets;
  readonly layers: number;
}

/** Throws MODEL_UNSUPPORTED for a family or settings that are not known. */
export function adaptable(model: Pick<BaseModel, 'config' | 'folder'>, head: Head): Adaptable {
  const { family, settings } = recognize(model.config, model.folder);
  return {
    modules: modulesOf(family, settings, head),
    defaultTargets: family.defaultTargets,
    layers: family.layers(settings),
  };
}
