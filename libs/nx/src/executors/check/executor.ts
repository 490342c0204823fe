import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readPipelineFile } from '../../plugin/pipeline-file.js';
import { runTemper, settings } from '../cli.js';
import type { CheckExecutorSchema } from './schema.js';

/** `temper run FILE --check`, or of a sweep `temper sweep FILE --check`. */
export default async function checkExecutor(
  { file, set }: CheckExecutorSchema,
  { root }: ExecutorContext,
): Promise<{ success: boolean }> {
  const { command } = readPipelineFile(join(root, file));
  const { code } = await runTemper(root, [command, file, '--check', ...settings(set)]);
  return { success: code === 0 };
}
