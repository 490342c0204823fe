import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson, TemperError, type Problem } from '@temper/contracts';
import { parseSafetensors, pointerProblem, type Tensor } from '@temper/models';
import type { AdapterFormat } from '../method.js';
import { twiceWrapped } from '../peft-names.js';
import type { AdapterConfig } from './config-fields.js';

const configFile = 'adapter_config.json';
export const weightsFile = 'adapter_model.safetensors';
const path = 'method.initFrom';

/** A PEFT adapter that was read whole; its weights under the names that they have in the graph. */
export interface Adapter {
  readonly config: AdapterConfig;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** @throws TemperError SPEC_INVALID where the folder is no adapter, MODEL_CORRUPT where a file of it is damaged */
export function readAdapter(
  folder: string,
  format: Pick<AdapterFormat<never>, 'peftType' | 'wrappedOnce'> | undefined,
): Adapter {
  const config = parseConfig(readFile(folder, configFile).toString('utf8'));
  const isOnce = format?.wrappedOnce && config.peft_type === format.peftType;
  const inGraph = isOnce ? twiceWrapped : (name: string) => name;
  const weights = new Map<string, Tensor>();
  for (const [name, tensor] of parseSafetensors(join(folder, weightsFile), readFile(folder, weightsFile))) {
    // Adapters saved inside a training loop keep the adapter's name in the weights'.
    const own = inGraph(`${name}.`.replace('.default.', '.').replace('.modules_to_save.', '.').slice(0, -1));
    if (weights.has(own))
      throw corrupt(`${weightsFile}: ${own}`, { message: 'two weights are called so', found: name });
    weights.set(own, tensor);
  }
  return { config, weights };
}

function parseConfig(text: string): AdapterConfig {
  try {
    const config = parseJson(text);
    if (typeof config === 'object' && config !== null && !Array.isArray(config))
      return config as AdapterConfig;
  } catch (cause) {
    const problem = { path, message: `${configFile} is not JSON`, found: text.slice(0, 40) };
    throw new TemperError('SPEC_INVALID', problem, { cause });
  }
  throw new TemperError('SPEC_INVALID', {
    path,
    message: `${configFile} is not an object`,
    found: text.slice(0, 40),
  });
}

const corrupt = (file: string, problem: Omit<Problem, 'path'>) =>
  new TemperError('MODEL_CORRUPT', { path: file, ...problem });

/** In bytes. The weights are held in memory, and a buffer holds no more. */
const LARGEST_CONFIG = 2 ** 24;
const LARGEST_WEIGHTS = 2 ** 31 - 1;

function readFile(folder: string, name: string): Buffer {
  const file = join(folder, name);
  let bytes: Buffer;
  try {
    const found = statSync(file);
    // To read a pipe would wait for somebody who writes into it.
    if (!found.isFile()) throw corrupt(file, { message: 'is no file', found: 'a folder, pipe or device' });
    const limit = name === configFile ? LARGEST_CONFIG : LARGEST_WEIGHTS;
    if (found.size > limit)
      throw corrupt(file, {
        message: 'is too long for what it is',
        found: `${found.size} bytes`,
        allowed: `at most ${limit}`,
      });
    bytes = readFileSync(file);
  } catch (cause) {
    if (cause instanceof TemperError) throw cause;
    throw new TemperError('SPEC_INVALID', noFile(folder, name), { cause });
  }
  const pointer = pointerProblem(bytes.toString('latin1', 0, 1024));
  if (pointer) throw corrupt(file, pointer);
  return bytes;
}

function noFile(folder: string, name: string): Problem {
  const problem = {
    path,
    message: `no ${name} in this folder`,
    found: folder,
    allowed: `a folder saved by PEFT: ${configFile} and ${weightsFile}`,
  };
  // A whole model, as exported merged or by method full.
  if (name === configFile && namesIn(folder).includes('config.json'))
    return { ...problem, hint: 'it is a whole model: model.base takes it' };
  if (name !== weightsFile || !namesIn(folder).includes('adapter_model.bin')) return problem;
  return {
    ...problem,
    message: 'the adapter has pickled weights alone, which run code when they are read',
    found: join(folder, 'adapter_model.bin'),
    hint: 'convert with PEFT: PeftModel.from_pretrained(…).save_pretrained(…, safe_serialization=True)',
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
