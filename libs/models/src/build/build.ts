import type { GraphBuilder, Value } from '@temper/graph';
import type { Attention, AttentionStrategy } from '../attention/strategy.js';
import { masked, type Masked, type RandomInput } from '../dropout.js';
import { activations, type ActivationName } from './activations.js';
import type { BatchInputs } from './inputs.js';
import type { Hooks, LinearParts, ResidualForm, ResidualPlace } from './hooks.js';
import type { Module, ParameterKind } from './module.js';
import type { WeightStore } from './weight-store.js';

/** A weight that is trained: an initializer of the graph. */
export interface Trainable {
  /** In the graph, in checkpoints and in adapters. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: ParameterKind;
  /** Factor on the learning rate; default 1. */
  readonly learningRateScale?: number | undefined;
}

export interface BuildOptions {
  readonly g: GraphBuilder;
  readonly modules: readonly Module[];
  readonly store: WeightStore;
  readonly hooks: Hooks;
  readonly attention: AttentionStrategy;
  readonly inputs: BatchInputs;
  /** The longest sequence that will be fed, where a table of positions is made for it. */
  readonly maxSequence: number;
  /** Of what a method makes. */
  readonly seed: number;
  /** The rate in training of a place for which the family says one. */
  dropoutRate(configured: number): number;
}

type ModuleOf<T extends Module['type']> = Extract<Module, { type: T }>;

/**
 * The vocabulary in which a family says its forward pass. Each word makes what the model itself does, or what the fine-tuning
 * method's hook makes of it. Values are rows of the real tokens, [tokens, width]: padding is computed by attention alone.
 */
export class Build {
  readonly g: GraphBuilder;
  readonly inputs: BatchInputs;
  readonly maxSequence: number;
  /** Masks of the model's own dropout. */
  readonly modelMasks: RandomInput[] = [];
  /** Masks of the method's dropout. */
  readonly methodMasks: RandomInput[] = [];
  /** What the method made, in the order in which it was made. */
  readonly made: Trainable[] = [];
  private readonly madeValues = new Map<string, Value>();
  private readonly maskNames = new Map<string, number>();
  private readonly modules: ReadonlyMap<string, Module>;

  constructor(readonly options: BuildOptions) {
    this.g = options.g;
    this.inputs = options.inputs;
    this.maxSequence = options.maxSequence;
    this.modules = new Map(options.modules.map((module) => [module.name, module]));
  }

  /** xWᵀ (+ b): [rows, outputs]. */
  linear(name: string, x: Value): Value {
    const module = this.module(name, 'linear');
    const parts: LinearParts = {
      module,
      product: (input) => this.options.store.product(module, input),
      addBias: (y) => (module.bias ? this.g.op('Add', [y, this.weight(`${name}.bias`)]) : y),
    };
    return this.options.hooks.linear?.(this, parts, x) ?? parts.addBias(parts.product(x));
  }

  /** Rows of a table for integer ids of any shape, scaled as the module says: [ids…, size]. */
  embedding(name: string, ids: Value): Value {
    const module = this.module(name, 'embedding');
    const { store, hooks } = this.options;
    const stored = store.rows(module, this.g.withPadding(ids, module.padding));
    const rows = hooks.embedding?.(this, module, ids, stored) ?? stored;
    const { scale } = module;
    const scaled = scale === undefined ? rows : this.g.op('Mul', [rows, this.g.scalar('float32', scale)]);
    return hooks.inputRows?.(this, module, scaled) ?? scaled;
  }

  /** Normalised over the last axis. */
  norm(name: string, x: Value): Value {
    const { form, bias, epsilon, unit, affine = true, size } = this.module(name, 'norm');
    const stored = affine ? this.weight(`${name}.weight`) : ones(this.g, size);
    const weight = unit ? this.g.op('Add', [stored, this.g.scalar('float32', unit)]) : stored;
    if (form === 'rms') return this.g.op('SimplifiedLayerNormalization', [x, weight], { axis: -1, epsilon });
    const inputs = bias && affine ? [x, weight, this.weight(`${name}.bias`)] : [x, weight];
    return this.g.op('LayerNormalization', inputs, { axis: -1, epsilon });
  }

  /** What each token takes from those that it sees: [tokens, heads·headSize]. */
  attend(attention: Attention): Value {
    return this.options.attention.attend(this, attention);
  }

  /** x + y, where y is what `part` of the layer makes of x, with the norms of `form`. */
  residual(layer: number, part: ResidualPlace['part'], x: Value, y: Value, form: ResidualForm = {}): Value {
    const width = y.shape.at(-1) as number;
    const added = this.options.hooks.residual?.(this, { layer, part, width, ...form }, x, y) ?? y;
    const { sumNorm, partNorm } = form;
    const sum = this.g.op('Add', [x, partNorm === undefined ? added : this.norm(partNorm, added)]);
    return sumNorm === undefined ? sum : this.norm(sumNorm, sum);
  }

  activation(name: ActivationName, x: Value): Value {
    return activations[name](this.g, x);
  }

  /** x, of which training drops elements; `rate` is what config.json says for the place. */
  dropout(place: string, x: Value, rate: number): Value {
    const used = this.options.dropoutRate(rate);
    if (used === 0) return x;
    const { value, input } = masked(this.g, this.maskName(`dropout.${place}`), x, 1 - used)!;
    this.modelMasks.push(input);
    return this.g.op('Mul', [value, this.g.scalar('float32', 1 / input.keep)]);
  }

  /** A weight of the model, as float32. */
  weight(name: string): Value {
    return this.options.store.value(name);
  }

  /** The rows that the head reads: [rows, width]. */
  headRows(x: Value): Value {
    return this.g.op('Gather', [x, this.inputs.labelPositions()]);
  }

  /**
   * A weight of the method's own: an initializer that is trained, with its first values. What a module that is used twice asks for
   * again is the one weight.
   */
  trainable(weight: Trainable, data: Float32Array): Value {
    const known = this.madeValues.get(weight.name);
    if (known) return known;
    this.made.push(weight);
    const value = this.g.initializer(weight.name, 'float32', weight.shape, { kind: 'inline', data });
    this.madeValues.set(weight.name, value);
    return value;
  }

  /** A weight of the method's own that is not trained: the same one wherever it is asked for. */
  untrained(name: string, shape: readonly number[], data: Float32Array): Value {
    const known = this.madeValues.get(name);
    if (known) return known;
    const value = this.g.initializer(name, 'float32', shape, { kind: 'inline', data });
    this.madeValues.set(name, value);
    return value;
  }

  /** A method's own dropout, without the factor 1/keep; undefined where the shape of x follows from more than the batch. */
  mask(name: string, x: Value, keep: number): Masked | undefined {
    const made = masked(this.g, this.maskName(name), x, keep);
    if (made) this.methodMasks.push(made.input);
    return made;
  }

  /** Each use of a place has a mask of its own. */
  private maskName(name: string): string {
    const uses = (this.maskNames.get(name) ?? 0) + 1;
    this.maskNames.set(name, uses);
    return uses === 1 ? name : `${name}.${uses}`;
  }

  private module<T extends Module['type']>(name: string, type: T): ModuleOf<T> {
    const module = this.modules.get(name);
    if (module?.type !== type) throw new TypeError(`the family declares no ${type} ${name}`);
    return module as ModuleOf<T>;
  }
}

const ones = (g: GraphBuilder, size: number): Value =>
  g.constant('float32', [size], new Float32Array(size).fill(1));
