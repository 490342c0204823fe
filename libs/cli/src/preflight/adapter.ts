import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperError, type PipelineSpec, type Problem } from '@temper/contracts';
import type { AdapterHead } from '@temper/models';

const configFile = 'adapter_config.json';
const weightsFile = 'adapter_model.safetensors';
const path = 'method.initFrom';

export interface CheckedAdapter {
  readonly lines: readonly string[];
  /** The classification head that it brings. */
  readonly adapterHead?: AdapterHead;
}

/** The folder of `method.initFrom` is a PEFT adapter of this shape. */
export async function checkAdapter({ method }: PipelineSpec): Promise<CheckedAdapter> {
  if (method.type !== 'lora' || method.initFrom === undefined) return { lines: [] };
  const folder = method.initFrom;
  const problems: Problem[] = [];
  for (const file of [configFile, weightsFile]) {
    const there = await stat(join(folder, file)).catch(() => undefined);
    if (!there) problems.push({ path, message: `a PEFT adapter has a file ${file}`, found: folder });
  }
  if (problems.length) throw new TemperError('MODEL_CORRUPT', problems);
  const config = await readConfig(join(folder, configFile));
  for (const [key, value, field] of [
    ['r', method.r, 'method.r'],
    ['lora_alpha', method.alpha, 'method.alpha'],
  ] as const) {
    if (config[key] === value) continue;
    problems.push({
      path: field,
      message: 'differs from the adapter to start from',
      found: String(value),
      allowed: `${JSON.stringify(config[key])} (${key} in ${configFile})`,
    });
  }
  if (problems.length) throw new TemperError('SPEC_INVALID', problems);
  const { headOfAdapter } = await import('@temper/models');
  const adapterHead = await headOfAdapter(folder);
  return { lines: [`adapter to start from: ${folder}`], ...(adapterHead ? { adapterHead } : {}) };
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    const problem = { path, message: `${configFile} is not JSON`, found: (cause as Error).message };
    throw new TemperError('MODEL_CORRUPT', problem, { cause });
  }
}
