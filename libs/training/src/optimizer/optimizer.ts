import type { PipelineSpec } from '@temper/spec';
import type { Graph } from '@temper/graph';
import { compileUpdate, optimizerOf, type OptimizerName, type UpdateRule } from '@temper/optimizers';
import { clipCoefficient, l2Norm } from '../clipping.js';
import type { ParameterStore } from '../parameters.js';
import { scalar, type Session, type Tensors } from '../session.js';
import { chunksOf, type Chunk } from './chunks.js';
import { OptimizerState, type RuleGroup } from './state.js';

/** Settings of the optimizer that `optimizer` names, with their defaults; and what is done to gradients before it. */
export interface OptimizerSettings {
  readonly optimizer: OptimizerName;
  readonly settings: Readonly<Record<string, unknown>> & { readonly weightDecay: number };
  readonly maxGradNorm: PipelineSpec['training']['maxGradNorm'];
}

/**
 * Elements a run of the apply graph. Its intermediate values then stay in the cache: measured on 16 M elements,
 * 64–256 K are equally fast; 16 K is 30% slower (the cost of a call), 16 M takes twice as long (the memory bus).
 */
const CHUNK = 1 << 17;

interface Update {
  readonly session: Session;
  readonly inPlace: ReadonlySet<string>;
}

/** Updates the flat arrays of the store in place, after torch.nn.utils.clip_grad_norm_; which optimizer, its table says. */
export class Optimizer {
  readonly state: OptimizerState;
  private readonly chunks: readonly Chunk[];

  private constructor(
    private readonly updates: ReadonlyMap<string, Update>,
    private readonly store: ParameterStore,
    private readonly options: OptimizerSettings,
    groups: readonly RuleGroup[],
    chunkSize: number,
  ) {
    this.state = new OptimizerState(groups);
    this.chunks = chunksOf(groups, store, this.state, chunkSize);
  }

  /** `load` makes a session on this machine's memory of a graph of that name. */
  static async create(
    store: ParameterStore,
    options: OptimizerSettings,
    load: (name: string, graph: Graph) => Promise<Session>,
    chunkSize = CHUNK,
  ): Promise<Optimizer> {
    const groups = groupsOf(store, options);
    const updates = new Map<string, Update>();
    for (const { rule, parameters } of groups) {
      for (const { shape } of parameters) {
        const key = sessionKey(rule, shape);
        if (updates.has(key)) continue;
        const { graph, inPlace } = compileUpdate(rule, options.settings, shape.length);
        updates.set(key, { session: await load(key, graph), inPlace });
      }
    }
    return new Optimizer(updates, store, options, groups, chunkSize);
  }

  /** Norm of the gradient of the mean loss: the store holds that of the loss sum over `counted` tokens or examples. */
  gradNorm(counted: number): number {
    return l2Norm(this.store.gradients) / counted;
  }

  /** `step` counts from 1. */
  async step(options: {
    step: number;
    learningRate: number;
    counted: number;
    gradNorm: number;
  }): Promise<void> {
    const { settings, maxGradNorm } = this.options;
    const gradScale = scalar(clipCoefficient(options.gradNorm, maxGradNorm) / options.counted);
    const [withDecay, without] = [scalar(settings.weightDecay), scalar(0)];
    for (const chunk of this.chunks) {
      const { rule, shape, decayed, lrScale, param, grad, slots, coded } = chunk;
      const scalars = Object.entries(rule.scalars(options.step, settings, shape));
      const feeds = {
        ...{ param, grad, ...slots },
        learning_rate: scalar(options.learningRate * lrScale),
        weight_decay: decayed ? withDecay : without,
        grad_scale: gradScale,
        ...Object.fromEntries(scalars.map(([name, value]) => [name, scalar(value)])),
      };
      for (const { slot, codes, scales, decoded } of coded) slot.code!.decode(codes, scales, decoded);
      await run(this.updates.get(sessionKey(rule, shape))!, feeds, chunk);
      for (const { slot, codes, scales, decoded } of coded) slot.code!.encode(decoded, codes, scales);
    }
  }
}

/** What cannot be written over itself is copied afterwards. */
async function run({ session, inPlace }: Update, feeds: Tensors, { param, slots }: Chunk): Promise<void> {
  const replaced = Object.entries({ param, ...slots });
  const fetches = replaced.map(
    ([name, tensor]) => [`new_${name}`, inPlace.has(name) ? tensor : null] as const,
  );
  const results = await session.run(feeds, Object.fromEntries(fetches));
  for (const [name, tensor] of replaced) {
    if (!inPlace.has(name)) (tensor.data as Float32Array).set(results[`new_${name}`]!.data as Float32Array);
  }
}

/** Elementwise graphs fit every shape, the others every shape of a rank. */
const sessionKey = ({ name, granularity }: UpdateRule<unknown>, shape: readonly number[]) =>
  granularity === 'element' ? name : `${name}-${shape.length}d`;

function groupsOf({ parameters }: ParameterStore, { optimizer, settings }: OptimizerSettings): RuleGroup[] {
  const groups = new Map<UpdateRule<unknown>, RuleGroup & { parameters: (typeof parameters)[number][] }>();
  for (const parameter of parameters) {
    const rule = optimizerOf(optimizer).rule(parameter, settings) as UpdateRule<unknown>;
    const group = groups.get(rule) ?? { rule, parameters: [] };
    group.parameters.push(parameter);
    groups.set(rule, group);
  }
  return [...groups.values()];
}
