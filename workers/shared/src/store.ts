import { createS3Store, ensureBucket, type OnRequest } from '@temper/s3';
import type { ObjectStore } from '@temper/storage';

/** The store of S3_ENDPOINT, S3_BUCKET, …, with its bucket. */
export async function workerStore(onRequest?: OnRequest): Promise<ObjectStore> {
  const store = createS3Store(process.env, { onRequest });
  await ensureBucket(store);
  return store;
}
