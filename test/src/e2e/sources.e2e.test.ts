import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { RunResult } from '@temper/contracts';
import { S3Store, type Environment } from '@temper/s3';
import { startServices, type Services } from '@temper/services';
import { startTemper, temper, type Ended } from '../cli/temper.js';
import { sentences, writeCsv, writeTinyBert } from '../cli/tiny-classifier.js';

let folder: string;
/** A second, real S3 server, with keys of its own: where the sources are. */
let elsewhere: Services;
let bucket: S3Store;
let aws: Record<string, string>;
const at = (...names: string[]) => join(folder, ...names);

const json = <T>({ code, stdout, stderr }: Ended): T => {
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as T;
};

const spec = (changes: { base?: string; train: string; name: string }) => ({
  name: changes.name,
  model: { base: changes.base ?? 'model' },
  dataset: { train: changes.train },
  tokenize: { maxLength: 32 },
  method: { type: 'full' },
  training: { epochs: 4, learningRate: 3e-3, trainBatchSize: 8 },
});

async function run(changes: Parameters<typeof spec>[0], env: Environment = {}, ...args: string[]) {
  await writeFile(at('spec.yaml'), stringify(spec(changes)));
  return startTemper(folder, ['run', 'spec.yaml', '--json', ...args], { ...aws, ...env }).ended;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-sources-e2e-'));
  await writeTinyBert(at('model'));
  await writeCsv(at('train.csv'), sentences(400));
  elsewhere = await startServices({ folder: at('elsewhere'), env: {} });
  const { endpoint, region, accessKeyId, secretAccessKey } = elsewhere.s3;
  const credentials = { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! };
  bucket = new S3Store({ bucket: 'sources', endpoint, region, credentials });
  await bucket.ensureBucket();
  aws = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId!,
    AWS_SECRET_ACCESS_KEY: secretAccessKey!,
    AWS_DEFAULT_REGION: region,
  };
  // Workers have the environment of whoever started them.
  await startTemper(folder, ['up', '--detach'], aws).ended;
});
afterAll(async () => {
  bucket?.close();
  await elsewhere?.stop();
  await temper(folder, 'down');
  await rm(folder, { recursive: true, force: true });
});

describe('sources in another S3 server than the one that Temper stores in', () => {
  it('are read with the variables of AWS, by the check and by the run; nothing is written there', async () => {
    const keys = ['data/100%.csv', 'data/set[1].csv', 'data/a#b+ c?.csv', 'data/é/u%41.csv'];
    for (const key of keys) await bucket.put(key, { file: at('train.csv') });
    for (const name of await readdir(at('model'))) {
      await bucket.put(`models/label=x/${name}`, { file: at('model', name) });
    }
    for (const key of keys) {
      const checked = await run({ name: 'keys', train: `s3://sources/${key}` }, {}, '--check');
      expect({ key, ...checked }).toMatchObject({ code: 0 });
      expect(checked.stderr).toContain('400 rows');
    }
    const base = 's3://sources/models/label=x/';
    const result = json<RunResult>(await run({ name: 'elsewhere', base, train: 's3://sources/data/*.csv' }));
    expect(result).toMatchObject({ status: 'completed', model: { name: 'elsewhere', version: 1 } });
    expect(result.stages[0]!.summary).toContain('1,200 train rows');
    const there: string[] = [];
    for await (const { key } of bucket.list('')) there.push(key);
    expect(there.filter((key) => !/^(data|models)\//.test(key))).toEqual([]);
  });

  it('are refused, with the variables to look at, where these do not fit', async () => {
    const source = { name: 'refused', train: 's3://sources/data/100%.csv' };
    for (const args of [['--check'], []]) {
      const denied = await run(source, { AWS_SECRET_ACCESS_KEY: 'guessed' }, ...args);
      expect(denied.code).not.toBe(0);
      expect(denied.stderr).toMatch(/denies access[\s\S]*AWS_ENDPOINT_URL_S3/);
    }
  });
});

it('a model in the layout of Hugging Face’s cache, of links, is checked and trained from', async () => {
  const snapshot = at('hub/models--org--tiny/snapshots/0123456789abcdef');
  const blobs = at('hub/models--org--tiny/blobs');
  await mkdir(snapshot, { recursive: true });
  await mkdir(blobs, { recursive: true });
  for (const [i, name] of (await readdir(at('model'))).entries()) {
    await writeFile(join(blobs, String(i)), await readFile(at('model', name)));
    await symlink(`../../blobs/${i}`, join(snapshot, name));
  }
  const checked = await run({ name: 'links', base: snapshot, train: 'train.csv' }, {}, '--check');
  expect(checked).toMatchObject({ code: 0 });
  const result = json<RunResult>(await run({ name: 'links', base: snapshot, train: 'train.csv' }));
  expect(result.status).toBe('completed');
});

it('what is named is what is trained on: brackets and folders called like columns', async () => {
  await mkdir(at('label=hive'));
  await writeCsv(at('label=hive/set[1].csv'), sentences(400));
  await writeCsv(at('label=hive/set1.csv'), sentences(40));
  const result = json<RunResult>(await run({ name: 'named', train: 'label=hive/set[1].csv' }));
  expect(result.stages[0]!.summary).toContain('400 train rows');
  const plain = json<RunResult>(await run({ name: 'named', train: 'train.csv' }));
  expect(plain.model!.digest).toBe(result.model!.digest);
});
