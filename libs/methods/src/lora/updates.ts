import type { Value } from '@temper/graph';
import {
  normals,
  readWeight,
  symmetricUniforms,
  type BaseModel,
  type Build,
  type EmbeddingModule,
  type LinearModule,
  type LinearParts,
} from '@temper/models';
import { droppedInput } from '../dropped-input.js';
import { rowLengths } from './rows.js';
import { factorNames, updateOf, type LoraSettings } from './settings.js';

export interface UpdateContext {
  readonly settings: LoraSettings;
  readonly base: BaseModel;
  /** First values are needed: there is no adapter to start from. */
  readonly starts: boolean;
}

/** What a linear module with an update returns. */
export function adaptedProduct(build: Build, parts: LinearParts, x: Value, context: UpdateContext): Value {
  const { g } = build;
  const { module, product, addBias } = parts;
  const { settings } = context;
  const { dropout } = settings;
  const unchanged = product(x);
  const { a, b } = linearFactors(build, module, settings);
  const { scale } = updateOf(settings, module.name);
  const dropped = droppedInput(build, { site: 'lora_dropout', module: module.name, rate: dropout }, x);
  const down = g.op('FusedMatMul', [dropped, a], { transB: 1 });
  // Dropout's 1/keep is in the factor, so that it costs nothing.
  const change = g.op('FusedMatMul', [down, b], { transB: 1, alpha: scale / (1 - dropout) });
  const name = `${module.name}.lora`;
  if (!settings.useDora) return addBias(g.op('Add', [unchanged, change], undefined, { name }));
  const length = lengthFactor(build, module, { a, b, scale }, context);
  const kept = dropout > 0 ? product(dropped) : undefined;
  return addBias(withLengths(build, { unchanged, kept, change, length, keep: 1 - dropout }));
}

/** A is uniform within ±1/√in (Kaiming with a = √5), B is zero. */
function linearFactors(build: Build, module: LinearModule, settings: LoraSettings) {
  const { inputs, outputs, name } = module;
  const { r } = updateOf(settings, name);
  const names = factorNames(module);
  const start = symmetricUniforms(r * inputs, 1 / Math.sqrt(inputs), build.options.seed, names.a);
  const a = build.trainable({ name: names.a, shape: [r, inputs], kind: 'kernel' }, start);
  const b = build.trainable(
    { name: names.b, shape: [outputs, r], kind: 'kernel', learningRateScale: settings.loraPlusRatio },
    new Float32Array(outputs * r),
  );
  return { a, b };
}

interface Factors {
  readonly a: Value;
  readonly b: Value;
  readonly scale: number;
}

/**
 * DoRA (Liu et al. 2024): the rows of W + s·BA get lengths m that are trained, m/‖W + s·BA‖, where the norm is a constant for the
 * gradient (section 4.3 there; peft/tuners/lora/dora.py). [outputs]
 */
function lengthFactor(
  build: Build,
  module: LinearModule,
  { a, b, scale }: Factors,
  { settings, base, starts }: UpdateContext,
): Value {
  const { g } = build;
  const inOut = module.layout === 'in-out';
  const change = inOut
    ? g.op('FusedMatMul', [a, b], { transA: 1, transB: 1, alpha: scale })
    : g.op('FusedMatMul', [b, a], { alpha: scale });
  const sum = g.op('Add', [build.weight(`${module.name}.weight`), change]);
  const norm = g.detached(g.op('ReduceL2', [sum, g.int64s(inOut ? 0 : 1)], { keepdims: 0 }));
  const { magnitude } = factorNames(module);
  const weight = {
    name: magnitude,
    shape: [module.outputs],
    kind: 'kernel',
    learningRateScale: settings.loraPlusRatio,
  } as const;
  const start = starts
    ? rowLengths(readWeight(base, `${module.name}.weight`), module)
    : new Float32Array(module.outputs);
  return g.op('Div', [build.trainable(weight, start), norm]);
}

interface Lengthened {
  /** xWᵀ */
  readonly unchanged: Value;
  /** drop(x)Wᵀ without the factor 1/keep, where there is dropout. */
  readonly kept: Value | undefined;
  readonly change: Value;
  readonly length: Value;
  readonly keep: number;
}

/** f·(xWᵀ + change); with dropout xWᵀ + (f − 1)·drop(x)Wᵀ + f·change: PEFT drops of what DoRA adds the base's part, too. */
function withLengths({ g }: Build, { unchanged, kept, change, length, keep }: Lengthened): Value {
  if (!kept) return g.op('Mul', [g.op('Add', [unchanged, change]), length]);
  const less = g.op('Sub', [length, g.scalar('float32', 1)]);
  const added = g.op('Mul', [kept, g.op('Mul', [less, g.scalar('float32', 1 / keep)])]);
  return g.op('Add', [g.op('Add', [unchanged, added]), g.op('Mul', [change, length])]);
}

/** rows + s·(A's columns of the ids)ᵀBᵀ with A [r, rows], zero at first, and B [size, r], normal at first. */
export function adaptedRows(
  build: Build,
  module: EmbeddingModule,
  { ids, rows }: { readonly ids: Value; readonly rows: Value },
  { settings }: UpdateContext,
): Value {
  const { g } = build;
  const { r, scale } = updateOf(settings, module.name);
  const names = factorNames(module);
  const a = build.trainable(
    { name: names.a, shape: [r, module.rows], kind: 'kernel' },
    new Float32Array(r * module.rows),
  );
  const b = build.trainable(
    { name: names.b, shape: [module.size, r], kind: 'kernel' },
    normals(module.size * r, 1, build.options.seed, names.b),
  );
  const flat = g.withPadding(g.op('Reshape', [ids, g.int64s(-1)]), module.padding);
  const columns = g.op('Gather', [a, flat], { axis: 1 }); // [r, ids]
  const change = g.op('FusedMatMul', [columns, b], { transA: 1, transB: 1, alpha: scale });
  const shaped = g.op('Reshape', [change, g.op('Shape', [rows])]);
  return g.op('Add', [rows, shaped], undefined, { name: `${module.name}.lora` });
}
