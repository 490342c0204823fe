import type { Metrics } from '@temper/contracts';
import { blobKey, uriOf } from '@temper/storage';
import type { StagePorts } from './ports.js';

/** Bytes of JSON. A run carries its metrics through some ten payloads, and Temporal takes 2 MB for one. */
const INLINE = 32_768;
const SMALL = 1_024;

/**
 * Metrics as they travel with a run. The confusion matrix of a thousand classes has a million numbers: from a size on
 * only numbers and other small values stay, and all of it is the blob that `details` names.
 */
export async function inlineMetrics(
  { artifacts }: Pick<StagePorts, 'artifacts'>,
  metrics: Metrics,
): Promise<Metrics> {
  const text = JSON.stringify(metrics);
  if (text.length <= INLINE) return metrics;
  const { digest } = await artifacts.putBlob(new TextEncoder().encode(text));
  const small = Object.entries(metrics).filter(([, value]) => JSON.stringify(value).length <= SMALL);
  return { ...Object.fromEntries(small), details: uriOf(artifacts.store, blobKey(digest)) };
}
