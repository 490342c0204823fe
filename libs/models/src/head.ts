import type { HeadKind } from '@temper/contracts';
import { modulesOf, type HfConfig } from './architectures/family.js';
import { recognize } from './architectures/registry.js';
import { parametersOf } from './build/module.js';
import { sameShape } from './model.js';

interface HeadSource {
  readonly folder: string;
  readonly config: HfConfig;
  readonly weights: ReadonlyMap<string, { readonly shape: readonly number[] }>;
}

/** Classes of the classification head in the model's files; undefined where they have none that is whole. */
export function classesOfHead(
  { config, folder, weights }: HeadSource,
  task: HeadKind = 'sequence-classification',
): number | undefined {
  const { family, settings } = recognize(config, folder);
  const modules = modulesOf(family, settings, { task, labels: 1 });
  const parameters = parametersOf(modules).filter(({ perClass }) => perClass);
  const shapes = parameters.map(({ name }) => weights.get(name)?.shape);
  const classes = shapes[0]?.[0];
  if (classes === undefined) return undefined;
  const isWhole = parameters.every(({ shape: [, ...rest] }, i) => {
    const shape = shapes[i];
    return shape !== undefined && sameShape(shape, [classes, ...rest]);
  });
  return isWhole ? classes : undefined;
}
