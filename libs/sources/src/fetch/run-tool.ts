import { spawn } from 'node:child_process';

export interface ToolResult {
  /** Exit status; undefined when the program is not there or was killed. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly missing: boolean;
}

/** Runs a program without a shell and collects what it prints; never throws for a failure of the program itself. */
export function runTool(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; signal?: AbortSignal | undefined } = {},
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      signal: options.signal,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ status: undefined, stdout, stderr, missing: true });
      else reject(error);
    });
    child.once('close', (status) => resolve({ status: status ?? undefined, stdout, stderr, missing: false }));
  });
}
