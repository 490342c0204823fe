import type { Machine, Provider } from '@temper/contracts';
import type { DataType, Graph } from '@temper/graph';

/** float16 travels as its bits (Uint16Array), bool as 0 and 1. */
export type TensorData = Float32Array | Int32Array | BigInt64Array | Uint16Array | Uint8Array | Int8Array;

/** A dense row-major tensor. `data` may be a view into a larger buffer: a session reads from and writes to that memory. */
export interface Tensor {
  readonly dtype: DataType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}
export type Tensors = Readonly<Record<string, Tensor>>;

export interface SessionOptions {
  /** Threads inside an operator. Results are bit-equal from process to process only for an equal number. */
  readonly threads: number;
  /** Run on the CPU whatever the provider is: for work on memory that lives in this process. */
  readonly onHost?: boolean;
}

/**
 * The port to a runtime: one loaded graph.
 * `fetches` names the wanted outputs; a tensor there is where that output is written, null lets the runtime allocate.
 * An output may be written over the memory of an input where the graph is elementwise, or scatters elements into that input.
 */
export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  run(feeds: Tensors, fetches: Readonly<Record<string, Tensor | null>>): Promise<Tensors>;
  release(): Promise<void>;
}

export interface SessionFactory {
  readonly provider: Provider;
  /** What runs the graphs, for whoever is to know whether results can be equal to the bit. */
  readonly machine: Machine;
  /** The same graph without what this provider computes wrongly. */
  adapt(graph: Graph): Graph;
  /** Loads an ONNX file; its external data lies in the same folder. */
  create(modelFile: string, options: SessionOptions): Promise<Session>;
}

export const float32 = (data: Float32Array, dims: readonly number[] = [data.length]): Tensor => ({
  dtype: 'float32',
  dims,
  data,
});
export const int32 = (data: Int32Array, dims: readonly number[] = [data.length]): Tensor => ({
  dtype: 'int32',
  dims,
  data,
});
/** A rank-0 float32. */
export const scalar = (value: number): Tensor => float32(Float32Array.of(value), []);
