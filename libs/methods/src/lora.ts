import { TemperError } from '@temper/contracts';
import type { Value } from '@temper/graph';
import { symmetricUniforms, type Build, type Forward, type Hooks, type LinearModule } from '@temper/models';
import { adapterWeights, readAdapter, refuseOtherModels, type Adapter } from './init-from.js';
import { graphStart, type Method, type MethodContext, type Start } from './method.js';
import { adapterName, loraNames, modelName } from './peft-names.js';
import type { LoraSpec } from './schema/index.js';
import { adaptedModules, linearModules } from './targets.js';

/**
 * LoRA (Hu et al. 2021), as PEFT does it: y = xWᵀ + b + (α/r)·(drop(x)Aᵀ)Bᵀ with A [r, in] and B [out, r].
 * Only A and B of the target modules are trained, and the task head. Names and initial values are PEFT's: A is
 * uniform within ±1/√in (Kaiming with a = √5), B is zero.
 */
export const lora: Method<'lora'> = {
  // An adapter to start from names its modules itself, and each family has its default.
  check: ({ targetModules }, { linears }) => {
    if (targetModules) adaptedModules([...linears.keys()], targetModules);
  },

  begin(spec, context) {
    const { modules, defaultTargets } = context.model;
    const linears = linearModules(modules).map(({ name }) => name);
    const adapter = context.initFrom === undefined ? undefined : readAdapter(context.initFrom);
    refuseOtherModels(adapter, linears);
    const targets = spec.targetModules ?? adapter?.modules ?? defaultTargets.lora;
    const adapted = new Set(adaptedModules(linears, targets));
    const heads = new TrainedHeads();
    const hooks: Hooks = {
      linear: (build, { module, product, addBias }, x) =>
        adapted.has(module.name)
          ? addBias(
              build.g.op('Add', [product(x), update(build, spec, module, x)], undefined, {
                name: `${module.name}.lora`,
              }),
            )
          : undefined,
      trains: heads.trains,
    };
    return {
      hooks,
      start: (forward) => (adapter ? startFrom(adapter, spec, context, forward, heads) : graphStart),
    };
  },
  store: () => undefined,
  still: (spec) => ({ ...spec, dropout: 0 }),
};

/** (α/r)·(drop(x)Aᵀ)Bᵀ */
function update(build: Build, spec: LoraSpec, { name, inputs, outputs }: LinearModule, x: Value): Value {
  const { r, dropout } = spec;
  const names = loraNames(name);
  const factor = (weight: string, shape: number[], data: Float32Array) =>
    build.trainable({ name: weight, shape, kind: 'kernel' }, data);
  const start = symmetricUniforms(r * inputs, 1 / Math.sqrt(inputs), build.options.seed, names.a);
  const dropped = dropout > 0 ? drop(build, name, x, dropout) : x;
  const a = factor(names.a, [r, inputs], start);
  const b = factor(names.b, [outputs, r], new Float32Array(outputs * r));
  const down = build.g.op('FusedMatMul', [dropped, a], { transB: 1 });
  // Dropout's 1/keep is in the factor, so that it costs nothing.
  return build.g.op('FusedMatMul', [down, b], { transB: 1, alpha: spec.alpha / r / (1 - dropout) });
}

function drop(build: Build, module: string, x: Value, rate: number): Value {
  const dropped = build.mask(`lora_dropout.${module}`, x, 1 - rate);
  if (dropped) return dropped.value;
  throw new TemperError('SPEC_INVALID', {
    path: 'method.dropout',
    message: `cannot be applied to ${module}, whose input has as many rows as tokens are counted`,
    found: String(rate),
    allowed: `0, or targetModules without ${module}`,
  });
}

/** The task's head, and what the files lack of it, are trained whole under PEFT's names (`modules_to_save`). */
class TrainedHeads {
  /** Names in the adapter; true: of what has a row a class. */
  readonly names = new Map<string, boolean>();

  readonly trains: Hooks['trains'] = ({ name, perClass, withClasses }, made) => {
    if (!perClass && !withClasses && !made) return undefined;
    this.names.set(adapterName(name), perClass === true);
    return adapterName(name);
  };

  get modules(): string[] {
    return [
      ...new Set([...this.names.keys()].map((name) => modelName(name).replace(/\.(weight|bias)$/, ''))),
    ];
  }
}

function startFrom(
  adapter: Adapter,
  spec: LoraSpec,
  { newHead }: MethodContext,
  { trainable }: Forward,
  heads: TrainedHeads,
): Start {
  const trainedHeads = trainable.map(({ name }) => name).filter((name) => heads.names.has(name));
  const initial = adapterWeights(adapter, spec, {
    shapes: new Map(trainable.map(({ name, shape }) => [name, shape])),
    optional: trainedHeads,
    ignored: newHead ? trainedHeads.filter((name) => heads.names.get(name)) : [],
    heads: heads.modules,
  });
  return { initial, loaded: trainedHeads.filter((name) => initial.has(name)).map(modelName) };
}
