import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createS3Store, type S3Store } from '@temper/s3';
import { startServices, type Services } from '@temper/services';
import { changedBytesContract, objectStoreContract } from '@temper/storage/object-store.contract';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { removesAbandonedParts } from './abandoned.js';
import { refusesChangedBytes } from './checksums.js';
import { flippedOnDisk } from './flipped.js';
import { startVersitygw, whyNoVersitygw } from './versitygw.js';

const why = whyNoVersitygw();

describe.skipIf(why)(`versitygw${why ? `: not tried, ${why}` : ''}`, () => {
  let gateway: Awaited<ReturnType<typeof startVersitygw>>;
  beforeAll(async () => {
    gateway = await startVersitygw();
  });
  afterAll(() => gateway?.[Symbol.asyncDispose]());
  objectStoreContract('versitygw', () => gateway.store, { describe, it });
  refusesChangedBytes(() => gateway);
  removesAbandonedParts(() => gateway);
  changedBytesContract(
    'the disk of versitygw',
    () => ({ store: gateway.store, change: flippedOnDisk(join(gateway.data, 'temper')) }),
    { describe, it },
  );
});

// Its contract: libs/services/src/services.test.ts.
describe('SeaweedFS', () => {
  let folder: string;
  let services: Services;
  let store: S3Store;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temper-stores-'));
    services = await startServices({ folder, env: {} });
    store = createS3Store(services.env);
  });
  afterAll(async () => {
    store?.close();
    await services?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  refusesChangedBytes(() => ({ store, env: services.env }));
  removesAbandonedParts(() => ({ store, env: services.env }));
});
