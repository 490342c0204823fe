import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { RunResult } from '@temper/contracts';
import { S3Store } from '@temper/s3';
import { startServices, type Services } from '@temper/services';
import { fakeHub, type FakeHub } from '@temper/sources/testing/hub';
import { startTemper, temper, type Ended } from '../cli/temper.js';
import { sentences, writeCsv, writeTinyBert } from '../cli/tiny-classifier.js';

let folder: string;
let server: Server;
let hub: FakeHub;
/** A second, real S3 server, with keys of its own: where the adapter is. */
let elsewhere: Services;
let bucket: S3Store;
let env: Record<string, string>;
const at = (...names: string[]) => join(folder, ...names);
const files = ['adapter_config.json', 'adapter_model.safetensors', 'temper.json'];

async function run(method: object, ...args: string[]): Promise<Ended> {
  const spec = {
    ...{ name: 'tuned', model: { base: 'model' }, dataset: { train: 'train.csv' }, method },
    tokenize: { maxLength: 32 },
    training: { maxSteps: 12, trainBatchSize: 8, learningRate: 2e-2 },
    evaluation: { gate: 'none' },
  };
  await writeFile(at('spec.yaml'), stringify(spec));
  return startTemper(folder, ['run', 'spec.yaml', '--json', ...args], env).ended;
}

const resultOf = ({ code, stdout, stderr }: Ended): RunResult => {
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as RunResult;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-adapter-sources-'));
  await writeTinyBert(at('model'));
  await writeCsv(at('train.csv'), sentences(80));
  elsewhere = await startServices({ folder: at('elsewhere'), env: {} });
  const { endpoint, region, accessKeyId, secretAccessKey } = elsewhere.s3;
  const credentials = { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! };
  bucket = new S3Store({ bucket: 'adapters', endpoint, region, credentials });
  await bucket.ensureBucket();
  hub = await fakeHub({});
  server = createServer((request, response) => {
    void readFile(at('served', request.url!)).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  env = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId!,
    AWS_SECRET_ACCESS_KEY: secretAccessKey!,
    AWS_DEFAULT_REGION: region,
    HF_ENDPOINT: hub.endpoint,
  };
  // Workers have the environment of whoever started them.
  await startTemper(folder, ['up', '--detach'], env).ended;
});
afterAll(async () => {
  bucket?.close();
  server?.close();
  await hub?.[Symbol.asyncDispose]();
  await elsewhere?.stop();
  await temper(folder, 'down');
  await rm(folder, { recursive: true, force: true });
});

describe('an adapter to start from, by the command line', () => {
  let continued: RunResult;
  const sources = () => ({
    's3:': 's3://adapters/runs/tuned',
    'http:': `http://127.0.0.1:${(server.address() as AddressInfo).port}/tuned/`,
    'hf:': 'hf:org/tuned@main',
    'npm:': 'npm:tuned',
    'model:': 'model:tuned:1',
  });

  it('is one that was trained here, exported', async () => {
    resultOf(await run({ type: 'lora', r: 4, alpha: 8, targetModules: ['query', 'value'] }));
    const exported = await temper(folder, 'models', 'export', 'tuned:1', 'adapter', '--format', 'peft');
    expect(exported).toMatchObject({ code: 0 });
    continued = resultOf(await run({ type: 'lora', initFrom: 'adapter' }));
    expect(continued).toMatchObject({ status: 'completed', model: { version: 2 } });
    expect(continued.adapter).toMatch(/^sha256:/);

    for (const name of files) await bucket.put(`runs/tuned/${name}`, { file: at('adapter', name) });
    const contents = files.map(async (name) => [name, await readFile(at('adapter', name))] as const);
    hub.files = Object.fromEntries(await Promise.all(contents));
    for (const place of ['served/tuned', 'node_modules/tuned']) {
      await mkdir(at(place), { recursive: true });
      await cp(at('adapter'), at(place), { recursive: true });
    }
    await writeFile(at('node_modules/tuned/package.json'), JSON.stringify({ version: '1.0.0' }));
  });

  it.each(['s3:', 'http:', 'hf:', 'npm:', 'model:'] as const)(
    '%s: the check reads it, and an equal one is trained already',
    async (kind) => {
      const initFrom = sources()[kind];
      const checked = await run({ type: 'lora', initFrom }, '--check');
      expect(checked).toMatchObject({ code: 0 });
      expect(checked.stderr).toContain(`adapter to start from: ${initFrom}`);
      const wrong = await run({ type: 'lora', r: 2, alpha: 4, initFrom });
      expect(wrong).toMatchObject({ code: 2, stdout: expect.not.stringContaining('runId') });
      expect(wrong.stderr).toMatch(
        /method\.r: differs from the adapter[\s\S]*found: 2[\s\S]*allowed: 4[\s\S]*method\.alpha/,
      );

      const again = resultOf(await run({ type: 'lora', initFrom }));
      expect(again).toMatchObject({ status: 'completed', adapter: continued.adapter });
      expect(again.model!.digest).toBe(continued.model!.digest);
      expect(again.stages.find(({ name }) => name === 'train')).toMatchObject({ cached: true });
    },
  );

  it('that is not there is told before anything is queued', async () => {
    const absent = ['s3://adapters/none', `${sources()['http:']}none`, 'hf:private/none', 'model:none'];
    for (const initFrom of absent) {
      const refused = await run({ type: 'lora', initFrom });
      expect({ initFrom, ...refused }).toMatchObject({ code: 2 });
      expect(refused.stderr).toContain(initFrom.replace(/^model:/, ''));
    }
  });
});
