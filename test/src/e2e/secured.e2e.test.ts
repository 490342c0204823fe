import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperClient } from '@temper/client';
import { createS3Store } from '@temper/s3';
import { issuedCertificate, loopbackCertificate, startServices, type Services } from '@temper/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { startTemper } from '../cli/temper.js';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { storeFront, temporalFront } from './secure-front.js';
import { WorkerHandle } from './stack.js';

const API_KEY = 'key-of-the-team';

let folder: string;
let services: Services;
let temporal: Awaited<ReturnType<typeof temporalFront>>;
let s3: Awaited<ReturnType<typeof storeFront>>;
let env: NodeJS.ProcessEnv;

/** `temporal.toml` with the profiles `team`, and some that lack something. */
async function writeProfiles(paths: Readonly<Record<'ca' | 'cert' | 'key' | 'other', string>>) {
  const profile = (name: string, { key = API_KEY, ca = paths.ca, certificate = true } = {}) =>
    [
      ...[`[profile.${name}]`, `address = "127.0.0.1:${temporal.port}"`, 'namespace = "default"'],
      ...[`api_key = "${key}"`, `[profile.${name}.tls]`, `server_ca_cert_path = "${ca}"`],
      ...(certificate
        ? [`client_cert_path = "${paths.cert}"`, `client_key_path = "${paths.key}"`]
        : ['disabled = false']),
    ].join('\n');
  const profiles = [
    profile('team'),
    profile('wrong-key', { key: 'guessed' }),
    profile('stranger', { ca: paths.other }),
    profile('nameless', { certificate: false }),
  ];
  const file = join(folder, 'temporal.toml');
  await writeFile(file, profiles.join('\n\n'));
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-secured-'));
  services = await startServices({ folder: join(folder, 'servers'), env: {} });
  const authority = loopbackCertificate();
  const [front, person] = [issuedCertificate(authority), issuedCertificate(authority)];
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const ca = await write('ca.pem', authority.certificate);
  temporal = await temporalFront(
    services.temporal.address,
    { ...front, authority: authority.certificate },
    API_KEY,
  );
  s3 = await storeFront(services.s3.endpoint, front);
  const TEMPORAL_CONFIG_FILE = await writeProfiles({
    ca,
    cert: await write('person.pem', person.certificate),
    key: await write('person.key', person.privateKey),
    other: await write('other.pem', loopbackCertificate().certificate),
  });
  const { S3_BUCKET, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = services.env;
  env = {
    ...{ TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE: 'team' },
    ...{ S3_BUCKET, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY },
    ...{
      S3_ENDPOINT: `https://127.0.0.1:${s3.port}`,
      S3_CA_FILE: ca,
      S3_PATH_STYLE: 'true',
      S3_SSE: 'AES256',
    },
    TEMPER_HOME: join(folder, 'home'),
  };
});
afterAll(async () => {
  await temporal?.[Symbol.asyncDispose]();
  await s3?.[Symbol.asyncDispose]();
  await services?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('servers behind TLS', () => {
  it('are used by the command line, the workers and the trainer: certificates, API key, encrypted objects', async () => {
    const worker = await WorkerHandle.start('cpu', folder, env);
    const spec = {
      ...(await writeTinyPipeline(folder, 80)),
      name: 'secured',
      training: { maxSteps: 4, trainBatchSize: 8, evalStrategy: 'no' },
    };
    await writeFile(join(folder, 'spec.yaml'), stringify(spec));
    const { code, stdout, stderr } = await startTemper(folder, ['run', 'spec.yaml', '--json'], env).ended;
    expect(stderr).not.toContain('started for the time of this command');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', model: { name: 'secured', version: 1 } });
    expect([...temporal.keys]).toEqual([`Bearer ${API_KEY}`]);
    // Also what the trainer wrote: it found authority and encryption in its environment.
    expect([...s3.encryptions]).toEqual(['AES256']);
    await worker.stop();
  }, 120_000);

  it('that refuse say what it was: the key, the authority, the client certificate', async () => {
    const refusal = (TEMPORAL_PROFILE: string) =>
      TemperClient.connect({ environment: { ...process.env, ...env, TEMPORAL_PROFILE } }).then(
        () => 'connected',
        (error: Error) => error.message,
      );
    expect(await refusal('wrong-key')).toMatch(/TEMPORAL_API_KEY: the server refuses these credentials/);
    expect(await refusal('stranger')).toMatch(/the certificate of the server is not trusted.*_CA_CERT_PATH/);
    expect(await refusal('nameless')).toMatch(/asks for a client certificate/);
    expect(await refusal('absent')).toMatch(/TEMPORAL_PROFILE.*'absent' not found/);
    expect(await refusal('team')).toBe('connected');
    for (const profile of ['wrong-key', 'stranger', 'nameless']) {
      const starting = WorkerHandle.start('cpu', folder, { ...env, TEMPORAL_PROFILE: profile });
      await expect(starting, profile).rejects.toThrow(/did not start/);
    }
  }, 120_000);

  it('have certificates of an authority that is known: another S3 is refused with the variable to set', async () => {
    const store = createS3Store({ ...env, S3_CA_FILE: '' });
    await expect(store.get('x')).rejects.toThrow(
      /certificate of the object store is not trusted.*S3_CA_FILE/,
    );
    store.close();
  });

  it('are named whole: half a pair and a missing file are told before anything is called', async () => {
    const environment = { TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}` };
    const half = TemperClient.connect({
      environment: { ...environment, TEMPORAL_TLS_CLIENT_CERT_PATH: join(folder, 'person.pem') },
    });
    await expect(half).rejects.toThrow(/TEMPORAL_TLS_CLIENT_KEY_PATH: a client certificate needs its key/);
    const missing = TemperClient.connect({
      environment: { ...environment, TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/no/such.pem' },
    });
    await expect(missing).rejects.toThrow(/TEMPORAL_TLS_SERVER_CA_CERT_PATH: the file cannot be read/);
  });

  it('of a profile get nothing of the embedded ones, and these nothing of the profile', async () => {
    const { TEMPORAL_CONFIG_FILE } = env;
    const embedded = { ...env, ...services.env, TEMPORAL_CONFIG_FILE: services.env.TEMPORAL_CONFIG_FILE };
    expect(TEMPORAL_CONFIG_FILE).not.toBe(embedded.TEMPORAL_CONFIG_FILE);
    const client = await TemperClient.connect({ environment: { ...process.env, ...embedded } });
    expect(client.address).toBe(services.temporal.address);
    await client[Symbol.asyncDispose]();
  });
});
