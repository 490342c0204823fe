import type { Batch } from '@temper/contracts';
import type { RowGradient } from '@temper/graph';
import type { RandomInput } from '@temper/models';
import { addInto } from './clipping.js';
import type { ParameterStore } from './parameters.js';
import { dropoutMask, type DrawSite } from './random.js';
import { batchFeeds, lossFeeds } from './batch-feeds.js';
import { RowGradients } from './row-gradients.js';
import { float32, type Session, type Tensor } from './session.js';

/** Two compiled graphs over the same parameters; see `compile` of @temper/graph for their inputs and outputs. */
export interface ModelGraphs {
  /** What evaluation gives beside losses, by the task. */
  readonly outputs: readonly string[];
  /** What the loss reads of a batch. */
  readonly lossInputs: readonly string[];
  /** Dropout masks that the gradient graph takes as inputs. */
  readonly randomInputs: readonly RandomInput[];
  /** Gradients that the gradient graph returns as rows. */
  readonly rowGradients: readonly RowGradient[];
  gradients(): Promise<Session>;
  evaluation(): Promise<Session>;
}

export interface BatchEvaluation {
  readonly lossSum: number;
  /** Of each counted token or example, where they were asked for; their sum is `lossSum`. */
  readonly losses?: Float32Array | undefined;
  /** By the names of the graph's outputs; none where nothing was counted. */
  readonly outputs: Readonly<Record<string, ArrayLike<number>>>;
}

/** Runs the graphs on batches, with the parameters and their gradients in the flat arrays of the store. */
export class TrainableModel {
  private readonly values: Readonly<Record<string, Tensor>>;
  private readonly gradientViews: Readonly<Record<string, Tensor>>;
  private furtherGradients: { flat: Float32Array; views: Readonly<Record<string, Tensor>> } | undefined;
  private readonly rowGradients: RowGradients;
  private readonly lossSum = float32(new Float32Array(1), []);

  constructor(
    readonly graphs: ModelGraphs,
    readonly store: ParameterStore,
  ) {
    this.values = store.views(store.values);
    this.rowGradients = new RowGradients(graphs.rowGradients, store);
    this.gradientViews = store.gradients.length
      ? this.rowGradients.without(store.views(store.gradients, 'grad:'))
      : {};
  }

  /**
   * Writes the gradients of the batch's loss sum into the store (`first`), or adds them to it; returns the loss sum.
   * Dropout depends on `at` alone.
   */
  async accumulate(batch: Batch, at: Omit<DrawSite, 'site'>, first: boolean): Promise<number> {
    if (batch.counted === 0) {
      if (first) this.clearGradients();
      return 0;
    }
    const session = await this.graphs.gradients();
    const masks = this.graphs.randomInputs.map(({ name, keep, shape }, site) => {
      const { batchSize, sequenceLength, tokens } = batch;
      const dims = shape({ batch: batchSize, sequence: sequenceLength, tokens });
      const length = dims.reduce((a, b) => a * b, 1);
      const data = dropoutMask({ ...at, site }, keep, length);
      return [name, { dtype: 'bool', dims, data } satisfies Tensor] as const;
    });
    const feeds = { ...this.feeds(batch), ...Object.fromEntries(masks) };
    const into = first ? this.gradientViews : this.further().views;
    const rows = this.rowGradients.fetches(batch);
    const outputs = await session.run(feeds, { loss_sum: this.lossSum, ...into, ...rows });
    if (!first) addInto(this.store.gradients, this.further().flat);
    this.rowGradients.accumulate(outputs, first);
    return this.lossSum.data[0] as number;
  }

  async evaluate(batch: Batch, ask: { readonly losses?: boolean } = {}): Promise<BatchEvaluation> {
    if (batch.counted === 0) return { lossSum: 0, outputs: {} };
    const session = await this.graphs.evaluation();
    const { outputs } = this.graphs;
    const names = ['loss_sum', ...outputs, ...(ask.losses ? ['losses'] : [])];
    const fetched = await session.run(
      this.feeds(batch),
      Object.fromEntries(names.map((name) => [name, null])),
    );
    const dataOf = (name: string) => fetched[name]!.data as Float32Array;
    return {
      lossSum: Number(dataOf('loss_sum')[0]),
      ...(ask.losses ? { losses: dataOf('losses') } : {}),
      outputs: Object.fromEntries(outputs.map((name) => [name, dataOf(name)])),
    };
  }

  private feeds(batch: Batch): Record<string, Tensor> {
    return { ...this.values, ...batchFeeds(batch), ...lossFeeds(batch, this.graphs.lossInputs) };
  }

  private clearGradients(): void {
    this.store.gradients.fill(0);
    this.rowGradients.forget();
  }

  private further() {
    if (!this.furtherGradients) {
      const flat = new Float32Array(this.store.gradients.length);
      const views = this.rowGradients.without(this.store.views(flat, 'grad:'));
      this.furtherGradients = { flat, views };
    }
    return this.furtherGradients;
  }
}
