import type { Provider } from './providers.js';

/** What computes, as far as the last bits of a result depend on it. Equal inputs give equal bits on equal engines. */
export interface EngineIdentity {
  /** Version of ONNX Runtime, whose kernels these are. */
  readonly onnxruntime: string;
  readonly provider: Provider;
  /** Architecture and the extensions that kernels are chosen by: `x64 fma avx avx2 avx512f`. */
  readonly instructions: string;
  /** Inside an operator: how a sum is cut. */
  readonly threads: number;
  /** Of a GPU, where it is known. */
  readonly device?: string | undefined;
}

/** Of a machine; how many threads a job has is said by the job. */
export type Machine = Omit<EngineIdentity, 'threads'>;

/** `ONNX Runtime 1.30.0, cpu, x64 fma avx avx2, 2 threads` */
export const engineWords = (engine: EngineIdentity): string =>
  [
    `ONNX Runtime ${engine.onnxruntime}`,
    engine.device === undefined ? engine.provider : `${engine.provider} (${engine.device})`,
    engine.instructions,
    `${engine.threads} ${engine.threads === 1 ? 'thread' : 'threads'}`,
  ].join(', ');

export const sameEngine = (a: EngineIdentity | undefined, b: EngineIdentity | undefined): boolean =>
  a !== undefined && b !== undefined && engineWords(a) === engineWords(b);
