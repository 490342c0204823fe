import type { PipelineSpec } from '@temper/spec';
import { compileKernel, type Graph } from '@temper/graph';
import type { OptimizerName, UpdateRule } from '@temper/optimizers';
import { clipCoefficient, l2Norm } from '../clipping.js';
import type { ParameterStore } from '../parameters.js';
import type { Session } from '../session.js';
import { chunksOf, type Chunk } from './chunks.js';
import { OptimizerState, type RuleGroup } from './state.js';
import { kernelUpdate, sessionUpdate, type Update } from './update.js';
import { groupsOf, updateGraphs, updateKey } from './update-graphs.js';

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

/** Elements that a kernel has in its memory; 4–32 K are equally fast. */
const KERNEL_CHUNK = 1 << 14;

export interface OptimizerOptions {
  readonly chunkSize?: number;
  /** false: the runtime runs elementwise rules too. The results are the same to the bit. */
  readonly kernels?: boolean;
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
    sizeOf: (rule: UpdateRule<unknown>) => number,
  ) {
    this.state = new OptimizerState(groups);
    this.chunks = chunksOf(groups, store, this.state, sizeOf);
  }

  /** `load` makes a session on this machine's memory of a graph of that name. */
  static async create(
    store: ParameterStore,
    options: OptimizerSettings,
    load: (name: string, graph: Graph) => Promise<Session>,
    { chunkSize, kernels = true }: OptimizerOptions = {},
  ): Promise<Optimizer> {
    const groups = groupsOf(store.parameters, options);
    const updates = new Map<string, Update>();
    const sizes = new Map<UpdateRule<unknown>, number>();
    for (const [key, { rule, graph, inPlace }] of updateGraphs(groups, options)) {
      const size = chunkSize ?? KERNEL_CHUNK;
      const kernel = kernels && rule.granularity === 'element' ? compileKernel(graph, size) : undefined;
      if (kernel) sizes.set(rule, size);
      updates.set(key, kernel ? kernelUpdate(kernel) : sessionUpdate(await load(key, graph), inPlace));
    }
    const sizeOf = (rule: UpdateRule<unknown>) => sizes.get(rule) ?? chunkSize ?? CHUNK;
    return new Optimizer(updates, store, options, groups, sizeOf);
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
    const gradScale = clipCoefficient(options.gradNorm, maxGradNorm) / options.counted;
    for (const chunk of this.chunks) {
      const { rule, shape, decayed, lrScale } = chunk;
      await this.updates.get(updateKey(rule, shape))!(chunk, {
        ...rule.scalars(options.step, settings, shape),
        learning_rate: options.learningRate * lrScale,
        weight_decay: decayed ? settings.weightDecay : 0,
        grad_scale: gradScale,
      });
    }
  }
}
