import type { ArtifactRef, EngineIdentity } from '@temper/contracts';
import type { ArtifactStore } from '@temper/storage';
import type { RowResults } from './row-results.js';

/** The artifact of what both models make of each row; see EvaluationMeta for its files. */
export function storeRows(
  artifacts: ArtifactStore,
  base: RowResults,
  test: RowResults,
  {
    engine,
    graphs,
    ...options
  }: { readonly rewrite: boolean; readonly engine: EngineIdentity; readonly graphs: ArtifactRef<'graphs'> },
): Promise<ArtifactRef<'evaluation'>> {
  const { labelKind, labels } = test.split;
  const files = {
    ...filesOf('base', base),
    ...filesOf('test', test),
    ...(test.predicted ? { 'labels.i32': bytes(labels) } : { 'counted.i32': bytes(test.counted) }),
  };
  const meta = { labelKind, rows: test.rows, engine, graphs: graphs.digest };
  return artifacts.putArtifact('evaluation', files, meta, options);
}

/** What one model makes of each row, by the names of the files. */
export const filesOf = (model: 'base' | 'test', { loss, predicted }: RowResults) => ({
  [`${model}.loss.f32`]: bytes(loss),
  ...(predicted ? { [predictedName(model, predicted)]: bytes(predicted) } : {}),
});

export const predictedName = (model: 'base' | 'test', data: Float32Array | Int32Array) =>
  `${model}.predicted.${data instanceof Int32Array ? 'i32' : 'f32'}`;

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
