import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createS3Store, ensureBucket } from '@temper/s3';
import { freePort } from '@temper/telemetry/metrics';
import { goProgram, hasGo } from '../../../infra/checks/go.mjs';

const PROGRAM = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const keys = { ROOT_ACCESS_KEY: 'root', ROOT_SECRET_KEY: 'secret of root' };

/** Why it cannot be tried here; undefined where it can. */
export const whyNoVersitygw = (): string | undefined =>
  hasGo() ? undefined : 'there is no Go to build it with';

/**
 * versitygw on a folder of its own: an S3 server over plain files. ETags and the like are extended attributes of the files;
 * where the disk has none (it says so and ends) they are files of a second folder.
 */
export async function startVersitygw() {
  const program = goProgram(PROGRAM);
  const folder = await mkdtemp(join(tmpdir(), 'temper-versitygw-'));
  const [data, sidecar] = [join(folder, 'data'), join(folder, 'sidecar')];
  await Promise.all([data, sidecar].map((each) => mkdir(each)));
  const gateway =
    (await started(program, folder, [data])) ??
    (await started(program, folder, ['--sidecar', sidecar, data]));
  if (!gateway) throw new Error('versitygw finds no extended attributes, and takes no folder for them');
  return {
    ...gateway,
    data,
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Undefined where the disk keeps no extended attributes. */
async function started(program: string, folder: string, args: readonly string[]) {
  const port = await freePort();
  const gateway = spawn(program, ['--port', `127.0.0.1:${port}`, 'posix', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, ...keys },
  });
  let said = '';
  for (const stream of [gateway.stdout, gateway.stderr])
    stream.on('data', (bytes: Buffer) => (said += bytes));
  const env = {
    ...{ S3_ENDPOINT: `http://127.0.0.1:${port}`, S3_BUCKET: 'temper', S3_REGION: 'us-east-1' },
    ...{ S3_ACCESS_KEY_ID: keys.ROOT_ACCESS_KEY, S3_SECRET_ACCESS_KEY: keys.ROOT_SECRET_KEY },
  };
  const store = createS3Store(env);
  const stop = async () => {
    store.close();
    if (gateway.exitCode !== null) return;
    const exit = once(gateway, 'exit');
    gateway.kill('SIGKILL');
    await exit;
  };
  for (let attempt = 0; ; attempt++) {
    try {
      await ensureBucket(store);
      return { env, store, stop };
    } catch (cause) {
      if (gateway.exitCode === null && attempt < 100) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        continue;
      }
      await stop();
      if (/xattr/.test(said)) return undefined;
      throw new Error(`versitygw: ${said}`, { cause });
    }
  }
}
