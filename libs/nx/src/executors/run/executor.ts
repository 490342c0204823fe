import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { logger, type ExecutorContext } from '@nx/devkit';
import { readPipelineFile } from '../../plugin/pipeline-file.js';
import { runTemper, settings } from '../cli.js';
import type { RunExecutorSchema } from './schema.js';

/** `temper run FILE --json`: progress on stderr as it comes, the result as a file that Nx keeps. */
export default async function runExecutor(
  { file, result, set, fresh }: RunExecutorSchema,
  { root }: ExecutorContext,
): Promise<{ success: boolean }> {
  const { command } = readPipelineFile(join(root, file));
  const args = [
    command,
    file,
    '--json',
    ...settings(set),
    ...(fresh && command === 'run' ? ['--fresh'] : []),
  ];
  const { code, stdout } = await runTemper(root, args, { captured: true });
  if (code !== 0) {
    if (stdout.trim()) logger.info(stdout.trim());
    return { success: false };
  }
  const target = join(root, result);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, stdout);
  logger.info(`the result is ${result}`);
  return { success: true };
}
