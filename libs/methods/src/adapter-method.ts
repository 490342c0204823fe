import type { Value } from '@temper/graph';
import { normals, type Adaptable, type Build, type ResidualPlace } from '@temper/models';
import { commonFields } from './adapter/config-fields.js';
import type { AdapterFormat, Method } from './method.js';
import { completed } from './schema/method-schema.js';
import { adapterMethodSchema, type AdapterSpec } from './schema/adapter.js';
import { TrainedHeads } from './trained-heads.js';

type Part = 'attention' | 'mlp';

type Style = NonNullable<AdapterSpec['style']>;

interface Form {
  readonly parts: readonly Part[];
  /** What down() reads is y itself, or what the layer would make of y and its input. */
  readonly reads: 'part' | 'sum';
  readonly nonLinearity: NonNullable<AdapterSpec['nonLinearity']>;
}

/** As AdapterHub has them (adapters/configuration: DoubleSeqBnConfig, SeqBnConfig). */
const forms: Readonly<Record<Style, Form>> = {
  houlsby: { parts: ['attention', 'mlp'], reads: 'part', nonLinearity: 'silu' },
  pfeiffer: { parts: ['mlp'], reads: 'sum', nonLinearity: 'relu' },
};

function settingsOf(spec: AdapterSpec) {
  const settings = completed(adapterMethodSchema, spec, 'style', 'reductionFactor');
  const form = forms[settings.style];
  return { ...settings, ...form, nonLinearity: spec.nonLinearity ?? form.nonLinearity };
}
type Settings = ReturnType<typeof settingsOf>;

/** Python's width // reductionFactor: the quotient of floats may be rounded up to the next whole number. */
const widthOf = ({ reductionFactor }: Settings, width: number) =>
  Math.max(1, Math.round((width - (width % reductionFactor)) / reductionFactor));
const nameOf = (layer: number, part: Part, weight: string) => `adapters.layers.${layer}.${part}.${weight}`;

/** What the layer would make of x and y without an adapter: norm(x + y), by the norm that is behind the part, if there is one. */
function summed(build: Build, { parallel, sumNorm, partNorm }: ResidualPlace, x: Value, y: Value): Value {
  if (parallel) return y;
  const sum = build.g.op('Add', [x, y]);
  const norm = sumNorm ?? partNorm;
  return norm === undefined ? sum : build.norm(norm, sum);
}

/** y + up(f(down(z))), where y is what a part of the layer adds to its input x; z is y, or their sum. */
function bottleneck(build: Build, [x, y]: readonly [Value, Value], settings: Settings, at: ResidualPlace) {
  const { g } = build;
  const { layer, part, width } = at;
  const inner = widthOf(settings, width);
  const weight = (name: string, shape: number[], deviation = 0) => {
    const kept = nameOf(layer, part, name);
    const kind = shape.length === 1 ? 'bias' : 'kernel';
    const count = shape.reduce((a, b) => a * b, 1);
    return build.trainable({ name: kept, shape, kind }, normals(count, deviation, build.options.seed, kept));
  };
  const read = settings.reads === 'sum' ? summed(build, at, x, y) : y;
  const down = g.op('FusedMatMul', [read, weight('down.weight', [inner, width], 0.02)], { transB: 1 });
  const middle = build.activation(settings.nonLinearity, g.op('Add', [down, weight('down.bias', [inner])]));
  const up = g.op('FusedMatMul', [middle, weight('up.weight', [width, inner])], { transB: 1 });
  return g.op('Add', [y, g.op('Add', [up, weight('up.bias', [width])])]);
}

function shapesOf(settings: Settings, { layers, width }: Adaptable): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const inner = widthOf(settings, width);
  for (let layer = 0; layer < layers; layer++)
    for (const part of settings.parts) {
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
  isUnknownToPeft: true,
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
 * Bottleneck adapters, where AdapterHub's `adapters` puts them: of Houlsby et al. 2019 one behind the attention and one behind the MLP
 * of each layer, before the residual sum and the norms behind it; of Pfeiffer et al. 2021 (AdapterFusion) one for the MLP alone, which
 * reads what the layer would have made. Their second product is zero at first.
 */
export const adapter: Method<'adapter'> = {
  check: () => {},
  begin(spec, { model }) {
    const settings = settingsOf(spec);
    const parts = new Set(settings.parts);
    const heads = new TrainedHeads(model.modules);
    return {
      heads,
      hooks: {
        trains: heads.trains,
        residual: (build, at, x, y) =>
          parts.has(at.part) ? bottleneck(build, [x, y], settings, at) : undefined,
      },
    };
  },
  store: () => undefined,
  still: (spec) => spec,
  published: format,
};
