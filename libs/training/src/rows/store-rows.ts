import type { ArtifactRef } from '@temper/contracts';
import type { ArtifactStore } from '@temper/storage';
import type { RowResults } from './row-results.js';

/** The artifact of what both models make of each row; see EvaluationMeta for its files. */
export function storeRows(
  artifacts: ArtifactStore,
  base: RowResults,
  test: RowResults,
): Promise<ArtifactRef<'evaluation'>> {
  const { labelKind, labels } = test.split;
  const files = {
    'base.loss.f32': bytes(base.loss),
    'test.loss.f32': bytes(test.loss),
    ...(base.predicted && test.predicted
      ? {
          'labels.i32': bytes(labels),
          [`base.predicted.${typeOf(base.predicted)}`]: bytes(base.predicted),
          [`test.predicted.${typeOf(test.predicted)}`]: bytes(test.predicted),
        }
      : { 'counted.i32': bytes(test.counted) }),
  };
  return artifacts.putArtifact('evaluation', files, { labelKind, rows: test.rows });
}

const typeOf = (data: Float32Array | Int32Array) => (data instanceof Int32Array ? 'i32' : 'f32');

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
