import { recognize } from './architectures/registry.js';
import { sameShape, type BaseModel } from './model.js';

/** Classes of the classification head in the model's files; undefined where they have none that is whole. */
export function classesOfHead({ config, folder, weights }: Pick<BaseModel, 'config' | 'folder' | 'weights'>) {
  const { family, settings } = recognize(config, folder);
  const parameters = family
    .parameters(settings, { task: 'sequence-classification', labels: 1 })
    .filter(({ perClass }) => perClass);
  const shapes = parameters.map(({ name }) => weights.get(name)?.shape);
  const classes = shapes[0]?.[0];
  const isWhole = shapes.every(
    (shape, i) => shape?.[0] === classes && sameShape(shape?.slice(1) ?? [], parameters[i]!.shape.slice(1)),
  );
  return isWhole ? classes : undefined;
}
