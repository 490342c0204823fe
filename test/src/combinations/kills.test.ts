import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createS3Store } from '@temper/s3';
import { startServices } from '@temper/services';
import { afterAll, describe, it } from 'vitest';
import { oneOfEachMethod } from './cells.js';
import { expectSameDigests, thrice } from './killed.js';
import { Workshop } from './workshop.js';

const folder = await mkdtemp(join(tmpdir(), 'temper-kills-'));
const services = await startServices({ folder: join(folder, '.temper'), temporary: true });
const store = createS3Store({ ...process.env, ...services.env });
const workshop = await Workshop.open(store);
afterAll(async () => {
  await workshop[Symbol.asyncDispose]();
  store.close();
  await services.stop();
});

describe('kill -9 of the trainer in a step, an evaluation and a checkpoint leaves no trace in the model', () => {
  const env = { ...services.env, TEMPER_HOME: join(folder, 'home') };
  it.each(oneOfEachMethod(workshop.cells).map((cell) => [cell.name, cell] as const))(
    '%s',
    (_, cell) => expectSameDigests(workshop, cell, env, { deaths: thrice }),
    200_000,
  );
});
