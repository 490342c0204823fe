import type { RetentionSettings } from '@temper/contracts';
import { retentionOfStoreSchema } from '@temper/spec';
import { retentionPointer, type ObjectStore } from '@temper/storage';
import { usageError } from '../failure.js';
import { applySetting } from '../spec/read.js';

/** Changes what is given, and nothing else. */
export async function changeRetention(store: ObjectStore, settings: readonly string[]): Promise<void> {
  await retentionPointer(store).update((current) => changed(current ?? {}, settings));
}

export function changed(current: RetentionSettings, settings: readonly string[]): RetentionSettings {
  const next = structuredClone(current) as Record<string, unknown>;
  for (const setting of settings) applySetting(next, setting);
  const parsed = retentionOfStoreSchema.safeParse(next);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw usageError(`--retention ${issue!.path.join('.')}`, issue!.message, {
    found: settings.join(' '),
    allowed: 'checkpoints.last, checkpoints.best, checkpoints.published, runs, logs, cache',
  });
}
