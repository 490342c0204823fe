import { createS3Store, ensureBucket, probeConditionalWrites } from '@temper/s3';
import type { ObjectStore } from '@temper/storage';

/** The store of S3_ENDPOINT, S3_BUCKET, …; refused where its conditional writes are broken. */
export async function workerStore(): Promise<ObjectStore> {
  const store = createS3Store();
  await ensureBucket(store);
  await probeConditionalWrites(store);
  return store;
}
