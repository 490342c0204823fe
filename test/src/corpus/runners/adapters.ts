import type { Task } from '@temper/contracts';
import { checkAdapter, settledBy } from '@temper/methods';
import { checkModel, readSafetensors, writeSafetensors, type Tensor } from '@temper/models';
import { goldenFolder } from '@temper/models/testing';
import { parsePipelineSpec } from '@temper/spec';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { corpusFolder, type Runner } from '../case.js';

interface AdapterInput {
  /** One that PEFT saved (libs/methods/src/goldens/peft), where no folder is given. */
  readonly adapter?: string;
  /** One of the tiny models of libs/models/src/goldens, or of this corpus: `models/NAME`. */
  readonly base?: string;
  readonly task?: Task;
  /** The spec's, which starts from it. */
  readonly method: Record<string, unknown>;
  /** Changes of adapter_config.json; `without` are fields that are taken out. */
  readonly config?: Record<string, unknown>;
  readonly without?: readonly string[];
  /** Files as they are written. */
  readonly texts?: Record<string, string>;
  readonly remove?: readonly string[];
  /** adapter_model.safetensors ends after so many bytes. */
  readonly cutAt?: number;
  readonly weights?: readonly WeightChange[];
}

/** Of the weights whose names end so: to take out, to name otherwise, to add once more by another name, or to put a value in. */
interface WeightChange {
  readonly of: string;
  readonly remove?: true;
  readonly as?: string;
  readonly value?: 'NaN' | 'Infinity';
  readonly add?: string;
}

const saved = fileURLToPath(new URL('../../../../libs/methods/src/goldens/peft', import.meta.url));
const [configFile, weightsFile] = ['adapter_config.json', 'adapter_model.safetensors'] as const;

/** The check of an adapter to start from, before anything is queued. Returns the method as it is settled. */
export const adapters: Runner = async (given, [own]) => {
  const input = given as unknown as AdapterInput;
  const scratch = await mkdtemp(join(tmpdir(), 'corpus-adapter-'));
  try {
    const folder = join(scratch, 'adapter');
    await cp(own ?? join(saved, input.adapter!), folder, { recursive: true });
    await change(folder, input);
    const { method, task } = parsePipelineSpec({
      ...{ name: 'corpus', model: { base: 'base' }, dataset: { train: 'train.csv' } },
      ...{ task: input.task ?? 'causal-lm', method: { ...input.method, initFrom: folder } as never },
    });
    checkAdapter(folder, method, await checkModel(baseFolder(input), task as 'causal-lm'));
    return settledBy(method, folder);
  } finally {
    await rm(scratch, { recursive: true });
  }
};

const baseFolder = ({ base = 'llama-tiny' }: AdapterInput) =>
  base.startsWith('models/') ? join(corpusFolder, base) : goldenFolder(base);

async function change(folder: string, input: AdapterInput): Promise<void> {
  const file = join(folder, configFile);
  const config = { ...(JSON.parse(await readFile(file, 'utf8')) as object), ...input.config };
  const kept = Object.entries(config).filter(([field]) => !input.without?.includes(field));
  await writeFile(file, JSON.stringify(Object.fromEntries(kept)));
  const weights = join(folder, weightsFile);
  if (input.weights) await writeSafetensors(weights, changed(await readSafetensors(weights), input.weights));
  if (input.cutAt !== undefined) await truncate(weights, input.cutAt);
  for (const [name, text] of Object.entries(input.texts ?? {})) await writeFile(join(folder, name), text);
  for (const name of input.remove ?? []) await rm(join(folder, name));
}

function changed(
  tensors: ReadonlyMap<string, Tensor>,
  changes: readonly WeightChange[],
): Map<string, Tensor> {
  const found = new Map(tensors);
  for (const { of, remove, as, add, value } of changes) {
    for (const [name, tensor] of tensors) {
      if (!name.endsWith(of)) continue;
      if (remove || as) found.delete(name);
      if (remove) continue;
      const data = Float32Array.from(tensor.data as Float32Array);
      if (value) data[1] = Number(value);
      found.set(add ?? as ?? name, { ...tensor, data });
    }
  }
  return found;
}
