import { TemperError } from '@temper/contracts';
import { parametersOf, type Adaptable, type Parameter } from '@temper/models';
import type { Method } from './method.js';
import { userPattern } from './pattern.js';
import type { FullSpec } from './schema/index.js';

/** Full fine-tuning: the model as it is, every weight that takes part is trained, but those that the spec freezes. */
export const full: Method<'full'> = {
  check(spec, model) {
    const parameters = parametersOf(model.modules);
    const unmatched = (spec.freeze ?? []).filter((pattern) => {
      const expression = userPattern(pattern, pattern, 'method.freeze');
      return !parameters.some(({ name }) => expression.test(name));
    });
    if (unmatched.length) throw noSuchWeights(unmatched, parameters);
    const frozen = isFrozen(spec);
    if (parameters.every(({ name }) => frozen(name)))
      throw new TemperError('SPEC_INVALID', {
        path: 'method.freeze',
        message: 'freezes every weight of the model: nothing is left to train',
        found: spec.freeze!.join(', '),
      });
  },

  begin(spec, { model }) {
    const frozen = isFrozen(spec);
    const { layerDecay } = spec;
    return {
      hooks: {
        trains: ({ name }, made) => (!made && frozen(name) ? undefined : name),
        ...(layerDecay === undefined
          ? {}
          : {
              learningRateScale: (parameter) => layerDecay ** (model.layers + 1 - depthOf(parameter, model)),
            }),
      },
    };
  },

  store: () => undefined,
  still: (spec) => spec,
  published: 'full',
};

function isFrozen({ freeze = [] }: FullSpec): (name: string) => boolean {
  const expressions = freeze.map((pattern) => userPattern(pattern, pattern, 'method.freeze'));
  return (name) => expressions.some((expression) => expression.test(name));
}

/**
 * The embeddings are layer 0, the body's layers 1 to n, and what comes behind them n + 1 (Clark et al. 2020, ELECTRA, appendix A).
 */
function depthOf({ layer, kind, name }: Parameter, { layers, modules }: Adaptable): number {
  if (layer !== undefined) return layer + 1;
  const first = modules.findIndex((module) => module.layer !== undefined);
  const isBefore = modules
    .slice(0, first)
    .some((module) => !module.inHead && (name === module.name || name.startsWith(`${module.name}.`)));
  return kind === 'embedding' || isBefore ? 0 : layers + 1;
}

const noSuchWeights = (patterns: readonly string[], parameters: readonly Parameter[]) =>
  new TemperError(
    'SPEC_INVALID',
    patterns.map((found) => ({
      path: 'method.freeze',
      message: 'no weight of the base model has a name that holds this',
      found,
      allowed: `names such as ${parameters
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ')}`,
    })),
  );
