import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { logger, type ExecutorContext } from '@nx/devkit';
import { ended, environmentOf, temperCommand } from '../cli.js';
import type { ServeWorkerExecutorSchema } from './schema.js';

/**
 * Workers in the foreground. Temporal and S3 are those that the environment names, else the workspace's own in `.temper`,
 * which are started where they do not run and end with their last user.
 */
export default async function serveWorkerExecutor(
  { main, pools = ['cpu'] }: ServeWorkerExecutorSchema,
  { root }: ExecutorContext,
): Promise<{ success: boolean }> {
  const environment = environmentOf(root);
  // Loaded here: it brings the clients of both servers.
  const { startServices } = await import('@temper/services');
  await using services = await startServices({
    folder: environment['TEMPER_HOME']!,
    report: (line) => logger.info(line),
  });
  logger.info(`Temporal ${services.temporal.address}, S3 ${services.s3.endpoint}`);
  const env = { ...environment, ...services.env };
  const commands = main
    ? [programArguments(main, root)]
    : pools.map((pool) => [temperCommand(root), 'worker', '--pool', pool]);
  const workers = commands.map((args) => spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' }));
  return { success: await allEnd(workers) };
}

/** Where one ends, the others do. */
async function allEnd(workers: readonly ChildProcess[]): Promise<boolean> {
  const codes = workers.map((worker) =>
    ended(worker).finally(() => workers.forEach((other) => other.exitCode ?? other.kill('SIGTERM'))),
  );
  return (await Promise.all(codes)).every((code) => code === 0);
}

/** TypeScript goes through tsx, as the workspace has it installed. */
function programArguments(main: string, root: string): string[] {
  const file = join(root, main);
  if (!/\.[cm]?ts$/.test(main)) return [file];
  const loader = createRequire(join(root, 'package.json')).resolve('tsx');
  return ['--import', pathToFileURL(loader).href, file];
}
