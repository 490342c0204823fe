import type { Value } from '@temper/graph';
import { normals, type Adaptable, type Build } from '@temper/models';
import { commonFields } from './adapter/config-fields.js';
import type { AdapterFormat, Method } from './method.js';
import { completed } from './schema/method-schema.js';
import { adapterMethodSchema, type AdapterSpec } from './schema/adapter.js';
import { TrainedHeads } from './trained-heads.js';

type Part = 'attention' | 'mlp';

const settingsOf = (spec: AdapterSpec) =>
  completed(adapterMethodSchema, spec, 'style', 'reductionFactor', 'nonLinearity');
type Settings = ReturnType<typeof settingsOf>;

const partsOf = ({ style }: Settings): readonly Part[] =>
  style === 'houlsby' ? ['attention', 'mlp'] : ['mlp'];
const widthOf = ({ reductionFactor }: Settings, width: number) =>
  Math.max(1, Math.floor(width / reductionFactor));
const nameOf = (layer: number, part: Part, weight: string) => `adapters.layers.${layer}.${part}.${weight}`;

/** y + up(f(down(y))), where y is what a part of the layer adds to its input. */
function bottleneck(
  build: Build,
  y: Value,
  settings: Settings,
  at: { layer: number; part: Part; width: number },
) {
  const { g } = build;
  const { layer, part, width } = at;
  const inner = widthOf(settings, width);
  const weight = (name: string, shape: number[], deviation = 0) => {
    const kept = nameOf(layer, part, name);
    const kind = shape.length === 1 ? 'bias' : 'kernel';
    const count = shape.reduce((a, b) => a * b, 1);
    return build.trainable({ name: kept, shape, kind }, normals(count, deviation, build.options.seed, kept));
  };
  const down = g.op('FusedMatMul', [y, weight('down.weight', [inner, width], 0.02)], { transB: 1 });
  const middle = build.activation(settings.nonLinearity, g.op('Add', [down, weight('down.bias', [inner])]));
  const up = g.op('FusedMatMul', [middle, weight('up.weight', [width, inner])], { transB: 1 });
  return g.op('Add', [y, g.op('Add', [up, weight('up.bias', [width])])]);
}

function shapesOf(settings: Settings, { layers, tokens }: Adaptable): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const width = tokens.size;
  const inner = widthOf(settings, width);
  for (let layer = 0; layer < layers; layer++)
    for (const part of partsOf(settings)) {
      shapes
        .set(nameOf(layer, part, 'down.weight'), [inner, width])
        .set(nameOf(layer, part, 'down.bias'), [inner]);
      shapes
        .set(nameOf(layer, part, 'up.weight'), [width, inner])
        .set(nameOf(layer, part, 'up.bias'), [width]);
    }
  return shapes;
}

/** PEFT has none: the files are laid out as its own are. */
const format: AdapterFormat<AdapterSpec> = {
  peftType: 'TEMPER_BOTTLENECK',
  fields: {
    ...commonFields,
    style: 'read',
    reduction_factor: 'read',
    non_linearity: 'read',
    modules_to_save: 'free',
  },
  read: ({ config }) => ({
    fixed: {
      style: config.style as Settings['style'],
      reductionFactor: config.reduction_factor as number,
      nonLinearity: config.non_linearity as Settings['nonLinearity'],
    },
  }),
  shapes: (spec, model) => shapesOf(settingsOf(spec), model),
  config(spec) {
    const { style, reductionFactor, nonLinearity } = settingsOf(spec);
    return { style, reduction_factor: reductionFactor, non_linearity: nonLinearity };
  },
  merge: 'its layers are further ones, with a non-linearity, which no weight of the base can stand for',
};

/**
 * Bottleneck adapters: of Houlsby et al. 2019 one behind the attention and one behind the MLP of each layer, before the residual
 * sum; of Pfeiffer et al. 2021 the latter alone. Their second product is zero at first.
 */
export const adapter: Method<'adapter'> = {
  check: () => {},
  begin(spec, { model }) {
    const settings = settingsOf(spec);
    const parts = new Set(partsOf(settings));
    const heads = new TrainedHeads(model.modules);
    return {
      heads,
      hooks: {
        trains: heads.trains,
        residual: (build, at, x, y) =>
          parts.has(at.part) ? build.g.op('Add', [x, bottleneck(build, y, settings, at)]) : undefined,
      },
    };
  },
  store: () => undefined,
  still: (spec) => spec,
  published: format,
};
