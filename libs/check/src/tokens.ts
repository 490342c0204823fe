import type { ModelSizes } from '@temper/data';
import { type PipelineSpec } from '@temper/spec';
import { modelPath } from '@temper/sources';
import { isTokenised } from '@temper/tasks/schema';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesOfData } from './files-of-data.js';
import type { Sight } from './sight.js';

/**
 * The first rows go through the tokenizer and the chat template: one that hangs or breaks shows here. Rows that are tokens already are
 * all looked at: whether the model has a row for each, and whether anything counts. Returns what is told of rows that would be left out.
 */
export async function checkTokens(
  sight: Sight,
  spec: PipelineSpec,
  sizes: ModelSizes | undefined,
): Promise<readonly string[]> {
  const { base } = spec.model;
  // A model of the registry has trained before.
  if (base.startsWith('model:')) return [];
  const [source, data] = await Promise.all([sight.files(base, spec), filesOfData(sight, spec)]);
  if (!source || !data) return [];
  const { tokenizerFolder } = await import('@temper/models');
  const { tryTokens } = await import('@temper/data');
  const scratch = await mkdtemp(join(tmpdir(), 'temper-check-'));
  try {
    const folder = isTokenised(spec.dataset.columns)
      ? undefined
      : await tokenizerFolder(modelPath(source), scratch);
    return await tryTokens(spec, data.files, { folder, sizes });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
