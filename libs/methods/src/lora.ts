import { TemperError } from '@temper/contracts';
import { type LoraSpec } from './schema/index.js';
import { copyInto, GraphBuilder, type Initializer, type Value } from '@temper/graph';
import { adaptedModules, masked, symmetricUniforms, type RandomInput } from '@temper/models';
import { adapterWeights, readAdapter, refuseOtherModels, targetsOf } from './init-from.js';
import type { Method } from './method.js';
import { adapterName, headModules, isTaskHead, loraNames, modelName } from './peft-names.js';
import { inlineValues, isWeight, linearModules, type Linear } from './weights.js';

/**
 * LoRA (Hu et al. 2021), as PEFT does it: y = xWᵀ + b + (α/r)·(drop(x)Aᵀ)Bᵀ with A [r, in] and B [out, r].
 * Only A and B of the target modules are trained, and the task head. Names and initial values are PEFT's: A is
 * uniform within ±1/√in (Kaiming with a = √5), B is zero.
 */
export const lora: Method<LoraSpec> = (forward, spec, context) => {
  const linears = linearModules(forward);
  const names = linears.map(({ module }) => module);
  const adapter = context.initFrom === undefined ? undefined : readAdapter(context.initFrom);
  refuseOtherModels(adapter, names);
  const adapted = new Set(adaptedModules(names, targetsOf(spec, adapter)));
  const byNode = new Map(
    linears.filter(({ module }) => adapted.has(module)).map((linear) => [linear.node, linear]),
  );
  const heads = new Set(headModules(forward));
  const inHead = (initializer: Initializer) =>
    isWeight(initializer) && heads.has(initializer.value.name.replace(/\.(weight|bias)$/, ''));

  const made = new Map<string, Float32Array>();
  const randomInputs: RandomInput[] = [];
  const keep = 1 - spec.dropout;
  const g = new GraphBuilder(forward.name);
  const copies = copyInto(g, forward, {
    initializer: (initializer) => {
      const { value, data } = initializer;
      if (!inHead(initializer)) return undefined;
      return g.initializer(adapterName(value.name), 'float32', value.shape as number[], data);
    },
    node: (node, inputs) => {
      const linear = byNode.get(node);
      if (!linear) return undefined;
      const [product] = g.restore({ ...node, inputs, outputNames: [node.name] });
      return [
        g.op('Add', [product, update(linear, inputs[0]!)], undefined, { name: `${linear.module}.lora` }),
      ];
    },
  });
  for (const output of forward.outputs) g.output(copies.get(output)!, output.name);
  const graph = g.build();

  /** (α/r)·(drop(x)Aᵀ)Bᵀ */
  function update({ module, inputs, outputs }: Linear, x: Value): Value {
    const names = loraNames(module);
    const a = symmetricUniforms(spec.r * inputs, 1 / Math.sqrt(inputs), context.seed, names.a);
    const b = new Float32Array(outputs * spec.r);
    made.set(names.a, a).set(names.b, b);
    const weight = (name: string, shape: number[], data: Float32Array) =>
      g.initializer(name, 'float32', shape, { kind: 'inline', data });
    const dropped = spec.dropout > 0 ? drop(module, x) : x;
    const down = g.op('FusedMatMul', [dropped, weight(names.a, [spec.r, inputs], a)], { transB: 1 });
    // Dropout's 1/keep is in the factor, so that it costs nothing.
    const alpha = spec.alpha / spec.r / keep;
    return g.op('FusedMatMul', [down, weight(names.b, [outputs, spec.r], b)], { transB: 1, alpha });
  }

  function drop(module: string, x: Value): Value {
    const dropped = masked(g, `lora_dropout.${module}`, x, keep);
    if (!dropped) {
      throw new TemperError('SPEC_INVALID', {
        path: 'method.dropout',
        message: `cannot be applied to ${module}, whose input has as many rows as tokens are counted`,
        found: String(spec.dropout),
        allowed: `0, or targetModules without ${module}`,
      });
    }
    randomInputs.push(dropped.input);
    return dropped.value;
  }

  const headWeights = [...forward.initializers.values()]
    .filter(inHead)
    .map(({ value }) => adapterName(value.name));
  const trainable = [...made.keys(), ...headWeights];
  const initial = new Map([...made, ...inlineValues(graph, headWeights)]);
  let loaded: string[] = [];
  if (adapter) {
    const shapes = new Map(
      trainable.map((name) => [name, graph.initializers.get(name)!.value.shape as number[]]),
    );
    const fitting = {
      shapes,
      optional: headWeights,
      ignored: context.newHead ? headWeights.filter(isTaskHead) : [],
      heads: [...heads],
    };
    const weights = adapterWeights(adapter, spec, fitting);
    for (const [name, data] of weights) initial.set(name, data);
    loaded = headWeights.filter((name) => weights.has(name)).map(modelName);
  }
  return { graph, trainable, initial, randomInputs, loaded };
};
