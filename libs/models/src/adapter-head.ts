import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readModelText } from './formats/model-file.js';
import { readSafetensorsHeader } from './formats/safetensors-header.js';

/** The classification head that a PEFT adapter brings (`modules_to_save`). */
export interface AdapterHead {
  readonly classes: number;
  /** As Temper keeps them beside an adapter that it exports; PEFT itself does not. */
  readonly names: readonly string[] | undefined;
}

/** PEFT's names of heads, wrapped or not; the last part of a head of several layers. */
const headWeight = /(?:^|\.)(?:classifier|score)(?:\.out_proj)?(?:\.modules_to_save(?:\.[^.]+)?)?\.weight$/;

/**
 * Undefined for an adapter without one, and for a folder that is none: that is told where it is loaded.
 * @throws TemperError MODEL_CORRUPT for weights that cannot be read
 */
export async function headOfAdapter(folder: string): Promise<AdapterHead | undefined> {
  const weights = join(folder, 'adapter_model.safetensors');
  if (!existsSync(join(folder, 'adapter_config.json'))) return undefined;
  const { tensors } = await readSafetensorsHeader(weights);
  const head = [...tensors].find(([name]) => headWeight.test(name))?.[1];
  const classes = head?.shape[0];
  return classes === undefined ? undefined : { classes, names: await namesBeside(folder, classes) };
}

async function namesBeside(folder: string, classes: number): Promise<readonly string[] | undefined> {
  const file = join(folder, 'temper.json');
  if (!existsSync(file)) return undefined;
  const text = await readModelText(file);
  try {
    const { labelNames: names } = JSON.parse(text) as { labelNames?: unknown };
    const fits =
      Array.isArray(names) && names.length === classes && names.every((name) => typeof name === 'string');
    return fits ? (names as string[]) : undefined;
  } catch {
    // Not ours, so it names nothing.
    return undefined;
  }
}
