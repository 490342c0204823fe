import { spawn } from 'node:child_process';

export interface Finished {
  readonly code: number | null;
  /** stdout and stderr, as they came. */
  readonly output: string;
  readonly stdout: string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Its failure is what is looked at. */
  readonly mayFail?: boolean;
  /** It is stopped once its output has this, or after five minutes. */
  readonly stopAt?: RegExp;
}

/** Runs a command to its end; where it fails, with all that it said. */
export async function command(
  program: string,
  args: readonly string[],
  { cwd, env = process.env, mayFail = false, stopAt }: CommandOptions,
): Promise<Finished> {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let stdout = '';
  const saw = (chunk: string) => {
    output += chunk;
    if (stopAt?.test(output)) child.kill('SIGTERM');
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    saw(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', saw);
  const limit = stopAt && setTimeout(() => child.kill('SIGTERM'), 300_000);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(limit);
  if (code !== 0 && !mayFail)
    throw new Error(`${[program, ...args].join(' ')} in ${cwd}: exit code ${code}\n${output}`);
  return { code, output, stdout };
}
