import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Models } from '@temper/client';
import { createS3Store, ensureBucket } from '@temper/s3';
import { serverBinary, startServices, type Services } from '@temper/services';
import { ArtifactStore, Registry } from '@temper/storage';
import { freePort } from '@temper/telemetry/metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { startTemper } from '../cli/temper.js';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { eventually, WorkerHandle } from './stack.js';

const roles = ['client', 'promoter', 'approver', 'worker', 'trainer', 'janitor'] as const;
type Role = (typeof roles)[number];
const policies = join(import.meta.dirname, '../../../infra/iam');

/** Of another account, which the worker's environment alone has. */
const LAKE_SECRET = `lake-${randomUUID()}`;

let folder: string;
let services: Services;
let weed: ChildProcess;
let endpoint: string;

/** SeaweedFS with an identity a role, whose rights are its policy's and nothing else. */
async function startStore(): Promise<void> {
  const identities = roles.map((name) => ({
    name,
    credentials: [{ accessKey: name, secretKey: `secret of ${name}` }],
    policyNames: [name],
  }));
  const root = {
    name: 'root',
    credentials: [{ accessKey: 'root', secretKey: 'secret of root' }],
    actions: ['Admin'],
  };
  const documents = roles.map(async (name) => ({
    name,
    content: await readFile(join(policies, `${name}.json`), 'utf8'),
  }));
  const lake = {
    name: 'lake',
    credentials: [{ accessKey: 'lake', secretKey: LAKE_SECRET }],
    actions: ['Read:lake', 'List:lake'],
  };
  const config = { identities: [root, lake, ...identities], policies: await Promise.all(documents) };
  const file = join(folder, 'identities.json');
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  const names = ['s3', 'master', 'volume', 'filer'];
  const ports = await Promise.all([...names, ...names].map(() => freePort()));
  const flags = names.flatMap((name, i) => [
    `-${name}.port=${ports[i]}`,
    `-${name}.port.grpc=${ports[i + 4]}`,
  ]);
  const { path } = await serverBinary('seaweedfs');
  weed = spawn(
    path,
    [
      ...['server', `-dir=${folder}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1', '-filer', '-s3', ...flags],
      ...[`-s3.config=${file}`, '-s3.port.iceberg=0', '-master.telemetry=false', '-volume.max=20'],
    ],
    { stdio: 'ignore', cwd: folder, env: { PATH: process.env.PATH, HOME: folder, TMPDIR: folder } },
  );
  endpoint = `http://127.0.0.1:${ports[0]}`;
  const store = storeOf('root');
  await eventually('the store', () =>
    ensureBucket(store).then(
      () => true,
      () => false,
    ),
  );
  store.close();
}

const keysOf = (role: Role | 'root') => ({
  ...{ S3_ENDPOINT: endpoint, S3_BUCKET: 'temper', S3_REGION: 'us-east-1' },
  ...{ S3_ACCESS_KEY_ID: role, S3_SECRET_ACCESS_KEY: `secret of ${role}` },
});
const storeOf = (role: Role | 'root') => createS3Store(keysOf(role));
const environmentOf = (role: Role) => ({
  TEMPORAL_ADDRESS: services.temporal.address,
  TEMPER_HOME: join(folder, `home-${role}`),
  ...keysOf(role),
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-policies-'));
  services = await startServices({ folder: join(folder, 'servers'), env: {} });
  await startStore();
});
afterAll(async () => {
  if (weed?.exitCode === null) {
    weed.kill('SIGKILL');
    await once(weed, 'exit');
  }
  await services?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function withModels(role: Role, work: (models: Models) => Promise<unknown>): Promise<void> {
  const store = storeOf(role);
  const artifacts = new ArtifactStore(store, { cacheFolder: join(folder, `cache-${role}`) });
  await work(new Models(new Registry(store, {}), artifacts));
  store.close();
}

/** Whether a file holds a text, or one below a folder. */
async function holds(place: string, text: string): Promise<boolean> {
  const names = await readdir(place, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!names) return (await readFile(place)).includes(text);
  for (const entry of names.filter((e) => e.isFile()))
    if ((await readFile(join(entry.parentPath, entry.name))).includes(text)) return true;
  return false;
}

/** What each role may do with which keys; everything else is refused. */
const keys = {
  blob: 'blobs/sha256/ab/x',
  manifest: 'manifests/sha256/ab/x.json',
  checkpoint: 'refs/runs/r/checkpoint',
  alias: 'refs/models/m/candidate',
  leaving: 'refs/preemptions/q',
  version: 'registry/models/m/versions/1.json',
  signature: 'registry/signatures/m/1/x.json',
  approval: 'registry/approvals/m/1.json',
  protection: 'registry/protected/m/production.json',
  run: 'runs/r/metrics/1.jsonl',
  cached: 'cache/train/x.json',
  held: 'gc/holds/x.json',
  heldByRun: 'runs/r/holds/x.json',
  stored: 'refs/stored/temper.s.json',
  condemned: 'gc/condemned/1-x.txt',
  collection: 'refs/gc',
  probe: '.temper-probe/x',
} as const;
type Kind = keyof typeof keys;
const all = Object.keys(keys) as Kind[];
const judged = ['approval', 'protection'] as const;
const unpublished = all.filter(
  (kind) => !['alias', 'version', 'signature', 'stored', ...judged].includes(kind),
);
const content = ['blob', 'manifest', 'held', 'probe'] as const;
const uncollected = (kinds: readonly Kind[]) =>
  kinds.filter((kind) => !['condemned', 'collection', 'stored'].includes(kind));
const passing = ['cached', 'leaving', 'probe'] as const;
const rights: Readonly<Record<Role, Readonly<Record<'get' | 'put' | 'delete', readonly Kind[]>>>> = {
  client: { get: all, put: ['heldByRun', 'stored', ...content], delete: ['stored', 'probe'] },
  promoter: { get: all, put: ['alias', ...content], delete: ['alias', 'probe'] },
  approver: { get: all, put: ['signature', 'approval', 'probe'], delete: ['probe'] },
  worker: {
    get: all,
    put: uncollected(all).filter((kind) => kind !== 'approval' && kind !== 'protection'),
    delete: passing,
  },
  trainer: { get: unpublished, put: uncollected(unpublished), delete: passing },
  janitor: { get: all, put: all.filter((kind) => kind !== 'blob' && kind !== 'manifest'), delete: all },
};

describe('the policies of infra/iam, on a store that enforces them', () => {
  it.each(roles)('%s may do what its work needs, and nothing else', async (role) => {
    const root = storeOf('root');
    const store = storeOf(role);
    const may: Record<string, Kind[]> = { get: [], put: [], delete: [] };
    for (const kind of all) {
      for (const operation of ['get', 'put', 'delete'] as const) {
        await root.put(keys[kind], Buffer.from('there'));
        const done = await (
          operation === 'put' ? store.put(keys[kind], Buffer.from('x')) : store[operation](keys[kind])
        ).then(
          () => true,
          (error: { code?: string }) => {
            expect(error.code).toBe('STORE_REFUSED');
            return false;
          },
        );
        if (done) may[operation]!.push(kind);
      }
    }
    const sorted = (kinds: readonly Kind[]) => all.filter((kind) => kinds.includes(kind));
    const { get, put, delete: removes } = rights[role];
    expect(may).toEqual({ get: sorted(get), put: sorted(put), delete: sorted(removes) });
    // In parts, too: a large file goes another way.
    const large = async function* () {
      for (let i = 0; i < 3; i++) yield new Uint8Array(4 * 2 ** 20);
    };
    const uploaded = store.put('blobs/sha256/ab/large', { stream: large() });
    if (put.includes('blob')) await uploaded;
    else await expect(uploaded).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    // What was given up halfway is seen and removed by those who collect, and by workers at their start.
    if (role === 'worker' || role === 'janitor') {
      for await (const { id } of store.openUploads('blobs/')) expect(id).toBe('there is none');
      await store.abandon({ key: 'blobs/sha256/ab/none', id: '0123456789abcdef' });
    }
    const other = createS3Store({ ...keysOf(role), S3_BUCKET: 'another' });
    await expect(ensureBucket(other)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    for (const opened of [root, store, other]) opened.close();
  });

  it('are enough for a pipeline, and for every command of its role', async () => {
    const trainer = keysOf('trainer');
    const worker = await WorkerHandle.start('cpu', folder, {
      ...environmentOf('worker'),
      S3_TRAINER_ACCESS_KEY_ID: trainer.S3_ACCESS_KEY_ID,
      S3_TRAINER_SECRET_ACCESS_KEY: trainer.S3_SECRET_ACCESS_KEY,
    });
    const training = { maxSteps: 6, trainBatchSize: 8, saveSteps: 2, evalStrategy: 'no' };
    await writeFile(
      join(folder, 'spec.yaml'),
      stringify({ ...(await writeTinyPipeline(folder, 80)), name: 'limited', training }),
    );
    const as = async (role: Role, ...args: string[]) => {
      const { code, stdout, stderr } = await startTemper(folder, [...args, '--json'], environmentOf(role))
        .ended;
      return {
        code,
        said: stderr,
        answer: code === 0 ? (JSON.parse(stdout.trim().split('\n').at(-1)!) as unknown) : stdout,
      };
    };
    const run = await as('client', 'run', 'spec.yaml');
    expect(run.code, run.said).toBe(0);
    const { runId } = run.answer as { runId: string };
    for (const args of [
      ['runs', 'metrics', runId],
      ['models', 'show', 'limited'],
      ['predict', 'limited@candidate', 'the day was good'],
      ['schedule', 'create', 'spec.yaml', '--every', '1h'],
    ]) {
      const { code, said } = await as('client', ...args);
      expect(code, `temper ${args.join(' ')}: ${said}`).toBe(0);
    }
    await withModels('promoter', async (models) => {
      await expect(models.approve('limited:1')).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    });
    await withModels('janitor', (models) => models.protect('limited', 'production', { approval: true }));
    await withModels('approver', (models) => models.approve('limited:1'));
    const denied = await as('client', 'models', 'promote', 'limited:1', '--alias', 'production');
    expect(denied.code).not.toBe(0);
    expect(denied.said + String(denied.answer)).toContain('denies access');
    const promoted = await as('promoter', 'models', 'promote', 'limited:1', '--alias', 'production');
    expect(promoted.code, promoted.said).toBe(0);
    const collected = await as('janitor', 'gc');
    expect(collected.code, collected.said).toBe(0);
    expect((await as('client', 'gc')).code).not.toBe(0);
    await worker.stop();
  }, 240_000);

  it('are none of a source of another account: the spec names its credential, and the secret stays with the worker', async () => {
    const root = createS3Store({ ...keysOf('root'), S3_BUCKET: 'lake' });
    await ensureBucket(root);
    const { model, dataset, ...rest } = await writeTinyPipeline(folder, 80);
    await root.put('mail/train.csv', await readFile(dataset.train));
    root.close();
    const spec = {
      ...{
        ...rest,
        model,
        name: 'lake',
        dataset: { train: 's3://lake/mail/train.csv', columns: { text: 'text', label: 'label' } },
      },
      download: { credentials: { 's3://lake': 'LAKE' } },
      training: { maxSteps: 2, trainBatchSize: 8, evalStrategy: 'no' },
    };
    await writeFile(join(folder, 'lake.yaml'), stringify(spec));
    const worker = await WorkerHandle.start('cpu', folder, {
      ...environmentOf('worker'),
      TEMPER_CREDENTIAL_LAKE_ACCESS_KEY_ID: 'lake',
      TEMPER_CREDENTIAL_LAKE_SECRET_ACCESS_KEY: LAKE_SECRET,
      TEMPER_CREDENTIAL_LAKE_ENDPOINT: endpoint,
    });
    const ended = await startTemper(folder, ['run', 'lake.yaml', '--json'], environmentOf('client')).ended;
    expect(ended.code, ended.stderr).toBe(0);
    await worker.stop();
    const places = [join(folder, 'servers'), join(folder, 'home-worker'), join(folder, 'home-client')];
    for (const place of [...places, worker.log]) expect(await holds(place, LAKE_SECRET), place).toBe(false);
    expect(await holds(join(folder, 'servers'), 's3://lake/mail/train.csv')).toBe(true);
  }, 180_000);
});
