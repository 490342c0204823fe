import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readJsonFile } from '@nx/devkit';

/** The `temper` command as the workspace has it installed, else as this plugin has. */
export function temperCommand(root: string): string {
  const places = [join(root, 'package.json'), import.meta.url];
  for (const place of places) {
    const file = resolved(place, '@temper/cli/package.json');
    if (!file) continue;
    const { bin } = readJsonFile<{ bin: Record<string, string> }>(file);
    return join(dirname(file), bin['temper']!);
  }
  throw new Error(`@temper/cli is not installed in ${root}: nx add @temper/nx adds it`);
}

function resolved(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}

/** One `.temper` for the whole workspace: what one pipeline publishes is another one's base model. */
export const environmentOf = (root: string): NodeJS.ProcessEnv => ({
  ...process.env,
  TEMPER_HOME: process.env['TEMPER_HOME'] ?? join(root, '.temper'),
});

export interface Ended {
  readonly code: number;
  readonly stdout: string;
}

/** Runs the command, and hands on what asks this process to end. `captured`: stdout is returned instead of shown. */
export function runTemper(root: string, args: readonly string[], { captured = false } = {}): Promise<Ended> {
  const stdio: SpawnOptions['stdio'] = ['ignore', captured ? 'pipe' : 'inherit', 'inherit'];
  const child = spawn(process.execPath, [temperCommand(root), ...args], {
    cwd: root,
    env: environmentOf(root),
    stdio,
  });
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  return ended(child).then((code) => ({ code, stdout }));
}

/** Its exit code; 1 where a signal ended it. */
export function ended(child: ChildProcess): Promise<number> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const handOn = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of signals) process.on(signal, handOn);
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  }).finally(() => signals.forEach((signal) => process.off(signal, handOn)));
}

/** `--set a=1 --set b=2` */
export const settings = (set: readonly string[] = []): string[] => set.flatMap((one) => ['--set', one]);
