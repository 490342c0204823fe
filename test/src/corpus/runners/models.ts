import type { HeadKind } from '@temper/contracts';
import type { MethodSpec } from '@temper/spec';
import { checkModel } from '@temper/models';
import { checkMethod } from '@temper/methods';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Runner } from '../case.js';

interface ModelInput {
  /** Changes of config.json; `without` are fields that are taken out. */
  readonly config?: Record<string, unknown>;
  readonly without?: readonly string[];
  /** config.json as it is written. */
  readonly text?: string;
  /** Under which name of the folder a further file lies. */
  readonly as?: Record<string, string>;
  readonly remove?: readonly string[];
  readonly task?: HeadKind;
  readonly method?: MethodSpec;
}

/** The check of a base model with all its weights: the first file is a GGUF file or the folder, the others go into it. */
export const models: Runner = async (input, [model, ...others]) => {
  const { task = 'causal-lm', method, ...changes } = input as ModelInput;
  const scratch = await mkdtemp(join(tmpdir(), 'corpus-model-'));
  try {
    const path = join(scratch, basename(model!));
    await cp(model!, path, { recursive: true });
    if (!/\.gguf$/i.test(path)) await change(path, changes, others);
    const { adaptable, checkFinite, ...found } = await checkModel(path, task);
    if (method) checkMethod(method, { adaptable });
    await checkFinite();
    return found;
  } finally {
    await rm(scratch, { recursive: true });
  }
};

async function change(folder: string, changes: ModelInput, others: readonly string[]): Promise<void> {
  for (const name of changes.remove ?? []) await rm(join(folder, name));
  const file = join(folder, 'config.json');
  if (!changes.remove?.includes('config.json')) {
    const config = { ...(JSON.parse(await readFile(file, 'utf8')) as object), ...changes.config };
    const kept = Object.entries(config).filter(([field]) => !changes.without?.includes(field));
    await writeFile(file, changes.text ?? JSON.stringify(Object.fromEntries(kept)));
  }
  for (const other of others) {
    const name = changes.as?.[basename(other)] ?? 'model.safetensors';
    await cp(other, join(folder, name));
  }
}
