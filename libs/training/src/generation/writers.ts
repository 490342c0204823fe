import { loadTokenizer, type Tokenizer } from '@temper/data';
import type { Graph } from '@temper/graph';
import { positionsTaken, settledBy } from '@temper/methods';
import { modelSizes, type BaseModel } from '@temper/models';
import type { PipelineSpec } from '@temper/spec';
import { generationGraph, type GraphInputs } from '../graphs/job-graphs.js';
import type { ParameterStore } from '../parameters.js';
import type { Session } from '../session.js';
import { bytesPerToken } from './cache.js';
import { Decoder } from './decoder.js';

/** One model at writing texts. */
export interface Writer {
  /** At the beginning of so many texts. */
  decoder(texts: number): Pick<Decoder, 'readRows'>;
  /** Of keys and values. */
  readonly bytesPerToken: number;
  /** Frees its session. */
  release(): Promise<void>;
}

export type Side = 'base' | 'trained';

/** The models of an evaluation at writing texts, of which one is loaded at a time. */
export interface Writers {
  open(side: Side): Promise<Writer>;
  tokenizer(): Promise<Tokenizer>;
  /** Tokens that the model can hold, prompt and answer together. */
  positions(): Promise<number>;
}

interface WriterInputs extends GraphInputs {
  readonly base: BaseModel;
  load(name: string, graph: Graph): Promise<Session>;
}

/** The parameters are those of the store when a token is written. */
export const writersOf = (
  { base, load, ...inputs }: WriterInputs,
  spec: PipelineSpec,
  store: ParameterStore,
): Writers => ({
  async open(side) {
    const { parameters, ...model } = generationGraph(base, spec, inputs, side);
    const session = await load(`generate-${side}.onnx`, model.graph);
    const weights = parameters ? store.views(store.values) : {};
    return {
      decoder: (texts) => new Decoder(session, model, weights, texts),
      bytesPerToken: bytesPerToken(model.graph),
      release: () => session.release(),
    };
  },
  tokenizer: () => loadTokenizer(base.folder),
  async positions() {
    const { positions } = await modelSizes(base.folder);
    // What stands in front may be as long as the adapter to start from says.
    return positions - positionsTaken(settledBy(spec.method, inputs.initFrom));
  },
});
