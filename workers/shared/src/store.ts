import { createS3Store, ensureBucket, probeConditionalWrites, type OnRequest } from '@temper/s3';
import type { ObjectStore } from '@temper/storage';

/** The store of S3_ENDPOINT, S3_BUCKET, …; refused where its conditional writes are broken. */
export async function workerStore(onRequest?: OnRequest): Promise<ObjectStore> {
  const store = createS3Store(process.env, { onRequest });
  await ensureBucket(store);
  await probeConditionalWrites(store);
  return store;
}
