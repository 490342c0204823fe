import type { OptimizerState, StateTensor } from '../optimizer/state.js';
import type { ParameterStore } from '../parameters.js';

/** What a checkpoint keeps: the trained parameters, and what the optimizer remembers of each. */
export interface Trained {
  readonly store: ParameterStore;
  readonly optimizer: OptimizerState;
}

/** The tensors of a checkpoint's two files. */
export interface Snapshot {
  readonly trainable: readonly StateTensor[];
  readonly optimizer: readonly StateTensor[];
}

/** Views of what is trained: they change with the next step. */
const viewsOf = ({ store, optimizer }: Trained): Snapshot => ({
  trainable: Object.entries(store.views(store.values)).map(([name, { dims, data }]) => ({
    ...{ name, dtype: 'F32', shape: dims, data },
  })),
  optimizer: optimizer.tensors(),
});

/** The memory of one copy, which is made with the first and taken again for each that follows; shared, so that another thread can read it. */
export class SnapshotMemory {
  private copy: Snapshot | undefined;

  /** What is trained, as it is now. It holds until the next one is taken. */
  take(trained: Trained): Snapshot {
    const views = viewsOf(trained);
    this.copy ??= { trainable: views.trainable.map(likeIt), optimizer: views.optimizer.map(likeIt) };
    for (const file of ['trainable', 'optimizer'] as const) {
      views[file].forEach(({ data }, i) => this.copy![file][i]!.data.set(data));
    }
    return this.copy;
  }
}

function likeIt({ data, ...tensor }: StateTensor): StateTensor {
  const memory = new SharedArrayBuffer(data.byteLength);
  return {
    ...tensor,
    data: data instanceof Float32Array ? new Float32Array(memory) : new Uint8Array(memory),
  };
}
