import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../libs/cli/bin/temper.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** Starts the real command line in a folder, with an environment that no outer Temper reaches into. */
export function startTemper(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const {
    TEMPORAL_ADDRESS: _,
    S3_ENDPOINT: __,
    TEMPER_HOME: ___,
    TEMPER_DEBUG: ____,
    ...outer
  } = process.env;
  const started = Date.now();
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { ...outer, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  }
  const ended = once(child, 'close').then(([code]): Ended => ({
    code: code as number | null,
    ...output,
    milliseconds: Date.now() - started,
  }));
  return { child, output, ended };
}

export const temper = (folder: string, ...args: string[]): Promise<Ended> => startTemper(folder, args).ended;
