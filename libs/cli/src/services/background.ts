import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TemperError } from '@temper/contracts';
import type { Terminal } from '../terminal.js';
import { logFolder } from './home.js';
import { readUpState, type UpState } from './up-state.js';

/** The first start fetches two server binaries. */
const START_TIMEOUT = 300_000;

/** `temper up` in the background, unless it, or both external services, are there. */
export async function ensureUp(terminal: Terminal): Promise<UpState | undefined> {
  if (process.env.TEMPORAL_ADDRESS && process.env.S3_ENDPOINT) return undefined;
  const state = await readUpState();
  if (state) return state;
  terminal.note(
    'nothing was running: Temporal, S3 and a worker are started in the background (temper down ends them)',
  );
  return startInBackground();
}

export async function startInBackground(): Promise<UpState> {
  const log = join(logFolder(), 'up.log');
  await mkdir(logFolder(), { recursive: true });
  await using output = await open(log, 'a');
  const main = fileURLToPath(new URL('../../bin/temper.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'up'], {
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
  });
  const exited = once(child, 'exit').then(() => 'exited' as const);
  const deadline = Date.now() + START_TIMEOUT;
  while (Date.now() < deadline) {
    const state = await readUpState();
    if (state && state.pid === child.pid) {
      child.unref();
      return state;
    }
    if ((await Promise.race([exited, sleep(200)])) === 'exited') break;
  }
  if (child.exitCode === null) child.kill('SIGTERM');
  const said = (await readFile(log, 'utf8')).trim().split('\n').slice(-5).join('\n');
  throw new TemperError('SERVICE_UNAVAILABLE', {
    path: log,
    message: 'temper up did not come up',
    found: said,
  });
}
