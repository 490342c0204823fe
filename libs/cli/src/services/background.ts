import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { namesTemporal } from '@temper/connection';
import { TemperError } from '@temper/contracts';
import { stateFolder } from '@temper/services';
import type { Terminal } from '../terminal.js';
import { homeFolder, logFolder } from './home.js';
import { runningUp, type UpState } from './up-state.js';

/** The first start fetches two server binaries. */
const START_TIMEOUT = 300_000;

/** `temper up` in the background, unless it, or both external services, are there. */
export async function ensureUp(terminal: Terminal): Promise<UpState | undefined> {
  if (namesTemporal(process.env) && process.env.S3_ENDPOINT) return undefined;
  const state = await runningUp();
  if (state) return state;
  terminal.note(
    'nothing was running: Temporal, S3 and a worker are started in the background (temper down ends them)',
  );
  return startInBackground();
}

/** It tells over its channel when it is up, and goes on without it. */
export async function startInBackground(flags: readonly string[] = []): Promise<UpState> {
  const log = join(logFolder(), 'up.log');
  await stateFolder(homeFolder());
  await mkdir(logFolder(), { recursive: true, mode: 0o700 });
  await using output = await open(log, 'a', 0o600);
  // On a full disk this fails, with words that the log could not hold.
  await output.appendFile(`${new Date().toISOString()} temper up\n`);
  const from = (await output.stat()).size;
  const main = fileURLToPath(new URL('../../bin/temper.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'up', ...flags], {
    detached: true,
    stdio: ['ignore', output.fd, output.fd, 'ipc'],
    env: { ...process.env, TEMPER_HOME: homeFolder() },
  });
  const limit = new AbortController();
  const state = await Promise.race([
    once(child, 'message').then(([message]) => message as UpState),
    once(child, 'exit').then(() => undefined),
    sleep(START_TIMEOUT, undefined, { signal: limit.signal }).catch(() => undefined),
  ]);
  limit.abort();
  if (child.connected) child.disconnect();
  if (state) {
    child.unref();
    return state;
  }
  if (child.exitCode === null) child.kill('SIGTERM');
  const said = (await readFile(log)).subarray(from).toString('utf8').trim().split('\n').slice(-5).join('\n');
  throw new TemperError('SERVICE_UNAVAILABLE', {
    path: log,
    message: 'temper up did not come up',
    found: said,
  });
}
