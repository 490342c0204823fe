import { splitNames } from '@temper/contracts';
import type { ModelSizes } from '@temper/data';
import { type PipelineSpec } from '@temper/spec';
import { modelPath } from '@temper/sources';
import { isTokenised } from '@temper/tasks/schema';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  const [source, files] = await Promise.all([sight.files(base, spec), filesOf(sight, spec)]);
  if (!source || !files) return [];
  const { tokenizerFolder } = await import('@temper/models');
  const { tryTokens } = await import('@temper/data');
  const scratch = await mkdtemp(join(tmpdir(), 'temper-check-'));
  try {
    const folder = isTokenised(spec.dataset.columns)
      ? undefined
      : await tokenizerFolder(modelPath(source), scratch);
    return await tryTokens(spec, files, { folder, sizes });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Undefined where one of them lies in a store that does not run yet. */
async function filesOf(sight: Sight, spec: PipelineSpec) {
  const { dataset } = spec;
  const given = splitNames.filter((split) => dataset[split] !== undefined);
  const found = await Promise.all(
    given.map(async (split) => [split, await sight.files(dataset[split]!, spec)] as const),
  );
  if (found.some(([, source]) => source === undefined)) return undefined;
  return Object.fromEntries(found.map(([split, source]) => [split, source!.files]));
}
