import { modulesOf, type DefaultTargets, type Head, type HeadKind } from './architectures/family.js';
import { recognize, type Recognized } from './architectures/registry.js';
import type { EmbeddingModule, Module } from './build/module.js';
import { headFacts } from './head-kinds.js';
import type { BaseModel } from './model.js';

/** What a fine-tuning method can change of a model. */
export interface Adaptable {
  readonly task: HeadKind;
  readonly modules: readonly Module[];
  readonly defaultTargets: DefaultTargets;
  readonly layers: number;
  /** Elements of the rows that go from layer to layer. */
  readonly width: number;
  /** Of a decoder: how wide the keys of all heads of a layer are. */
  readonly keyWidth?: number | undefined;
  /** What the names of the body's weights begin with. */
  readonly body: string;
  /** transformers' class for the task is the body alone, whose names lack that. */
  readonly isBody: boolean;
  /** The table of the tokens, where `ids` of the vocabulary are looked up. */
  readonly tokens: EmbeddingModule;
}

/** Throws MODEL_UNSUPPORTED for a family or settings that are not known. */
export const adaptable = (model: Pick<BaseModel, 'config' | 'folder'>, head: Head): Adaptable =>
  adaptableOf(recognize(model.config, model.folder), head);

export function adaptableOf({ family, settings }: Recognized, head: Head): Adaptable {
  const modules = modulesOf(family, settings, head);
  const rows = family.vocabulary(settings);
  return {
    task: head.task,
    modules,
    defaultTargets: family.defaultTargets,
    layers: family.layers(settings),
    width: family.width(settings),
    keyWidth: family.keyWidth(settings),
    body: family.body,
    isBody: headFacts[head.task].isBody,
    tokens: modules.find(
      (module): module is EmbeddingModule => module.type === 'embedding' && module.rows === rows,
    )!,
  };
}
