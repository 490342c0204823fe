import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createS3Store } from '@temper/s3';
import { runningServices, startServices, type Services } from '@temper/services';
import { checkpointKey } from '@temper/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { startTemper } from '../cli/temper.js';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';

const page = fileURLToPath(new URL('../../../docs/backup.md', import.meta.url));
const main = fileURLToPath(new URL('../../../libs/cli/bin/temper.js', import.meta.url));

let root: string;
let other: Services;
let environment: NodeJS.ProcessEnv;
const at = (name: string) => join(root, name);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'temper-backup-'));
  for (const name of ['bin', 'here', 'elsewhere']) await mkdir(at(name));
  await symlink(main, at('bin/temper'));
  other = await startServices({ folder: at('other'), env: {} });
  environment = {
    PATH: `${at('bin')}:${process.env['PATH']}`,
    BACKUP: at('backup'),
    TEMPER_CREDENTIAL_BACKUP_ENDPOINT: other.env.S3_ENDPOINT,
    TEMPER_CREDENTIAL_BACKUP_ACCESS_KEY_ID: other.env.S3_ACCESS_KEY_ID,
    TEMPER_CREDENTIAL_BACKUP_SECRET_ACCESS_KEY: other.env.S3_SECRET_ACCESS_KEY,
  };
});
afterAll(async () => {
  await other?.stop();
  await rm(root, { recursive: true, force: true });
});

/** A block of the page's commands, in a folder; what it printed. */
async function follow(block: string, folder: string): Promise<string> {
  const found = new RegExp(`\`\`\`bash ${block}\\n([^\`]*)\`\`\``).exec(await readFile(page, 'utf8'));
  const { TEMPORAL_ADDRESS: _, S3_ENDPOINT: __, TEMPER_HOME: ___, ...outer } = process.env;
  const shell = spawn('bash', ['-euc', found![1]!], {
    cwd: folder,
    env: { ...outer, NO_COLOR: '1', ...environment },
  });
  let said = '';
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (piece: Buffer) => (said += piece));
  const [code] = (await once(shell, 'close')) as [number];
  expect(code, said).toBe(0);
  return said;
}

const answer = async <T>(folder: string, ...args: string[]): Promise<T> => {
  const { code, stdout, stderr } = await startTemper(folder, [...args, '--json']).ended;
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
};

async function specs(): Promise<void> {
  const spec = await writeTinyPipeline(at('here'), 200);
  const training = { trainBatchSize: 8, saveSteps: 20, evalStrategy: 'no' };
  const write = (name: string, maxSteps: number) =>
    writeFile(at(`here/${name}.yaml`), stringify({ ...spec, name, training: { ...training, maxSteps } }));
  await write('short', 20);
  await write('long', 3000);
}

/** Waits until the store of a folder has a checkpoint of the run. */
async function checkpointOf(folder: string): Promise<string> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const services = await runningServices({ folder: join(folder, '.temper'), env: {} }).catch(
      () => undefined,
    );
    if (services) {
      const store = createS3Store(services.env);
      for await (const { key } of store.list('refs/runs/long')) {
        const [, , runId = ''] = key.split('/');
        const pointer = await store.get(checkpointKey(runId)).catch(() => undefined);
        store.close();
        if (pointer && Buffer.from(pointer.bytes).includes('"ref"')) return runId;
      }
      store.close();
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('no checkpoint');
}

describe('a backup', () => {
  it('is made and restored elsewhere by the commands of docs/backup.md: models load, runs go on', async () => {
    await specs();
    await answer(at('here'), 'run', 'short.yaml');
    const long = startTemper(at('here'), ['run', 'long.yaml']);
    const runId = await checkpointOf(at('here'));
    long.child.kill('SIGKILL');
    await long.ended;
    await follow('save', at('here'));
    await rm(at('here'), { recursive: true });

    const said = await follow('restore', at('elsewhere'));
    expect(said).toMatch(/objects, .*: whole/);
    const predicted = await answer<object>(at('elsewhere'), 'predict', 'short@candidate', 'the day was good');
    expect(JSON.stringify(predicted)).toContain('label');
    const up = startTemper(at('elsewhere'), ['up', '--no-temporal-ui']);
    await expect
      .poll(() => startTemper(at('elsewhere'), ['runs', 'show', runId]).ended.then(({ stdout }) => stdout), {
        timeout: 600_000,
        interval: 3000,
      })
      .toMatch(/completed/i);
    // It did not begin again.
    const logs = await startTemper(at('elsewhere'), ['runs', 'logs', runId]).ended;
    expect(logs.stdout).toMatch(/resumed from step [1-9]\d* of 3000/);
    const ending = once(up.child, 'exit');
    up.child.kill('SIGTERM');
    await ending;

    const services = await startServices({ folder: at('elsewhere/.temper'), env: {} });
    const store = createS3Store(services.env);
    let lost = '';
    for await (const { key } of store.list('manifests/')) lost = key;
    await store.delete(lost);
    store.close();
    await services.stop();
    const checked = await startTemper(at('elsewhere'), ['store', 'check', '--json']).ended;
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain(lost);
  });
});
