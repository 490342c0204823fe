import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trainerProgram } from '@temper/activity-device';
import { createS3Store, type S3Store } from '@temper/s3';
import { startServices, type Services } from '@temper/services';
import { ArtifactStore, checkpointKey, Pointer, RunStore } from '@temper/storage';
import type { CheckpointPointer } from '@temper/training';
import { runTrainer, type TrainerEvent } from '@temper/training/trainer-process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLAN, type Plan } from '../faults/plan.js';
import { S3Proxy } from '../faults/s3-proxy.js';
import { storeInputs } from '../parity/store-inputs.js';
import { tinyLanguageModel } from '../training/tiny-data.js';

// 14 examples by 2: 7 steps; checkpoints after 2, 4, 6 and 7.
const settings = tinyLanguageModel({ epochs: 1, saveSteps: 2, evalStrategy: 'no', seed: 7 });
const faulty = join(import.meta.dirname, '../../dist/faults/faulty-trainer.js');

let folder: string;
let services: Services;
let store: S3Store;
let inputs: Awaited<ReturnType<typeof storeInputs>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-saving-'));
  services = await startServices({ folder: join(folder, '.temper'), temporary: true });
  store = createS3Store(services.env);
  const artifacts = new ArtifactStore(store, { cacheFolder: join(folder, 'cache') });
  inputs = await storeInputs(settings, artifacts, folder);
});
afterAll(async () => {
  store.close();
  await services.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Trainer {
  readonly entry?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: TrainerEvent) => void;
}

/** The process of a trainer as a worker starts it. */
const trained = (runId: string, attempt: number, { entry = trainerProgram(), env, ...more }: Trainer = {}) =>
  runTrainer(
    {
      ...{ kind: 'train', runId, attempt, ...inputs, provider: 'cpu', threads: 1 },
      workFolder: join(folder, runId),
    },
    { entry, env: { ...services.env, TEMPER_HOME: join(folder, runId), ...env }, ...more },
  );

const committed = async (runId: string) =>
  (await new Pointer<CheckpointPointer>(store, checkpointKey(runId)).read())!.value.step;

const listed = async (runId: string) =>
  (await new RunStore(store).checkpoints(runId)).map(({ step, checkpoint }) => [step, checkpoint.digest]);

describe('the thread that stores checkpoints', () => {
  it('tells of them, of its requests, and holds them in the name of the run', async () => {
    const events: TrainerEvent[] = [];
    const { checkpoint } = await trained('whole', 1, { onEvent: (event) => events.push(event) });
    const told = events.flatMap((event) => (event.type === 'checkpoint' ? [event] : []));
    expect(told.map(({ step, ref }) => [step, ref.digest])).toEqual(await listed('whole'));
    const requests = events.flatMap((event) => (event.type === 'store' ? event.requests : []));
    const puts = requests.filter(({ operation }) => operation === 'PutObject');
    // Of each: a hold, two files, the manifest, the pointer, the entry in the list.
    expect(puts.length).toBeGreaterThanOrEqual(6 * told.length);
    const hold = `runs/whole/holds/${checkpoint.digest.slice('sha256:'.length)}.json`;
    expect(await store.head(hold)).toBeDefined();
  });

  it('dies with its trainer between copy and commit, and the next attempt ends with the same digests', async () => {
    const plan = join(folder, 'plan.json');
    // Other writes of this checkpoint are not made: they are those of the first run.
    const deaths: Plan['deaths'] = [{ at: 'save', step: 4, puts: 1 }];
    await writeFile(plan, JSON.stringify({ deaths }));
    const dead = trained('killed', 1, { entry: faulty, env: { [PLAN]: plan } });
    await expect(dead).rejects.toMatchObject({ code: 'TRAINER_DIED' });
    expect(await committed('killed')).toBe(2);
    await trained('killed', 2);
    expect(await listed('killed')).toEqual(await listed('whole'));
  });

  it('fails the training by the code of the store that it lost', async () => {
    await using proxy = await S3Proxy.start(services.env['S3_ENDPOINT']!);
    const losing = trained('lost', 1, {
      env: { S3_ENDPOINT: proxy.endpoint },
      onEvent: ({ type }) => {
        // Each request is answered with 503.
        if (type === 'checkpoint') proxy.rate = 1;
      },
    });
    await expect(losing).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await trained('lost', 2);
    expect(await listed('lost')).toEqual(await listed('whole'));
  });
});
