import { headKinds, type HeadKind } from '@temper/contracts';
import { modulesOf, type HfConfig } from './architectures/family.js';
import { recognize } from './architectures/registry.js';
import { parametersOf, type Parameter } from './build/module.js';
import { headFacts } from './head-kinds.js';
import { sameShape } from './model.js';

interface HeadSource {
  readonly folder: string;
  readonly config: HfConfig;
  readonly weights: ReadonlyMap<string, { readonly shape: readonly number[] }>;
}

/** Classes of the classification head in the model's files; undefined where they have none that is whole. */
export function classesOfHead({ config, folder, weights }: HeadSource, task: HeadKind): number | undefined {
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

/** What the model's files have of heads that a checkpoint may lack, by kind: a row a class, or no more than the head itself. */
export function headsInFiles(source: HeadSource): Partial<Record<HeadKind, { readonly classes?: number }>> {
  const { classes: known } = recognize(source.config, source.folder);
  const found = headKinds.flatMap((kind) => {
    if (!(kind in known)) return [];
    const classes = headFacts[kind].perClass ? classesOfHead(source, kind) : undefined;
    if (classes !== undefined) return [[kind, { classes }] as const];
    return hasHead(source, kind) ? [[kind, {}] as const] : [];
  });
  return Object.fromEntries(found);
}

/** Whether the files have a head whose size is the model's own; undefined of kinds that no checkpoint can lack. */
export function hasHead({ config, folder, weights }: HeadSource, task: HeadKind): boolean | undefined {
  if (headFacts[task].perClass) return undefined;
  const { family, settings } = recognize(config, folder);
  const made = parametersOf(family.heads[task]?.modules(settings, 1) ?? []).filter(({ initial }) => initial);
  const isThere = ({ name, shape }: Parameter) => {
    const weight = weights.get(name);
    return weight !== undefined && sameShape(weight.shape, shape);
  };
  return made.length ? made.every(isThere) : undefined;
}
