import { randomBytes } from 'node:crypto';
import { TemperError } from '@temper/contracts';
import type { ObjectStore, PutCondition } from './object-store.js';
import { isConflict } from './write.js';

/**
 * Refuses (STORE_REFUSED) a store whose conditional writes are broken: with such a store two workers would overwrite
 * each other's versions and checkpoints without anyone noticing. Costs a dozen small requests. `racers` write the first
 * version at the same time: SeaweedFS makes the losers of a race wait, sometimes for seconds.
 */
export async function probeConditionalWrites(store: ObjectStore, racers = 8): Promise<void> {
  const key = `.temper-probe/${randomBytes(8).toString('hex')}`;
  const write = async (value: string, condition: PutCondition) => {
    try {
      return (await store.put(key, Buffer.from(value), condition)).etag;
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  };
  try {
    const writes = Array.from({ length: racers }, (_, i) => write(`racer ${i}`, { ifNoneMatch: '*' }));
    const winners = (await Promise.all(writes)).filter((etag) => etag !== undefined);
    if (winners.length !== 1) {
      throw refused(
        store,
        'If-None-Match: *',
        `${winners.length} of ${racers} racing writers of a new key won`,
      );
    }
    if ((await write('late', { ifNoneMatch: '*' })) !== undefined) {
      throw refused(store, 'If-None-Match: *', 'an existing key was overwritten');
    }
    const moved = await write('moved', { ifMatch: winners[0]! });
    if (moved === undefined) throw refused(store, 'If-Match', 'a write over the current version was refused');
    if ((await write('stale', { ifMatch: winners[0]! })) !== undefined) {
      throw refused(store, 'If-Match', 'a newer version was overwritten');
    }
  } finally {
    await store.delete(key).catch(() => undefined);
  }
}

function refused(store: ObjectStore, header: string, found: string): TemperError {
  return new TemperError('STORE_REFUSED', {
    path: `s3://${store.bucket}`,
    message: `the object store does not keep the promise of conditional writes (${header})`,
    found,
    allowed: 'exactly one of several writers wins',
    hint: 'use a store with conditional writes, such as AWS S3, SeaweedFS or versitygw',
  });
}
