import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createS3Store } from '@temper/s3';
import { startServices } from '@temper/services';
import { Workshop } from './workshop.js';

/** A workshop whose store other processes reach too, by `env`. */
export async function servedWorkshop() {
  const folder = await mkdtemp(join(tmpdir(), 'temper-kills-'));
  const services = await startServices({ folder: join(folder, '.temper'), temporary: true });
  const store = createS3Store({ ...process.env, ...services.env });
  const workshop = await Workshop.open(store);
  return {
    workshop,
    env: { ...services.env, TEMPER_HOME: join(folder, 'home') },
    async stop(): Promise<void> {
      await workshop[Symbol.asyncDispose]();
      store.close();
      await services.stop();
    },
  };
}
