import { spawn } from 'node:child_process';

export interface ToolResult {
  /** Exit status; undefined when the program is not there or was killed. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly missing: boolean;
}

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** With `env` alone, nothing of this process's own. */
  readonly bare?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Of output, the beginning and the end are kept: a program that prints for ever fills no memory. */
const KEPT = 2 ** 20;

/** Runs a program without a shell and collects what it prints; never throws for a failure of the program itself. */
export function runTool(
  command: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.bare ? options.env : { ...process.env, ...options.env },
      signal: options.signal,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout = shortened(stdout + text)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = shortened(stderr + text)));
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ status: undefined, stdout, stderr, missing: true });
      else reject(error);
    });
    child.once('close', (status) => resolve({ status: status ?? undefined, stdout, stderr, missing: false }));
  });
}

const shortened = (text: string) =>
  text.length > 2 * KEPT ? `${text.slice(0, KEPT / 2)}\n…\n${text.slice(-KEPT / 2)}` : text;
