import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readModelText } from './formats/model-file.js';
import { readSafetensorsHeader } from './formats/safetensors-header.js';
import { headFacts } from './head-kinds.js';

/** The classification head that a PEFT adapter brings (`modules_to_save`). */
export interface AdapterHead {
  readonly classes: number;
  /** As Temper keeps them beside an adapter that it exports; PEFT itself does not. */
  readonly names: readonly string[] | undefined;
}

/** By what kinds of heads say: modules that PEFT saves whole for them, and the layer that gives the classes. */
const perClass = Object.values(headFacts).filter((facts) => facts.perClass);
const heads = new Set(perClass.flatMap(({ peft }) => peft.modulesToSave));
const lastLayers = new Set(perClass.flatMap(({ lastLayers: layers }) => layers));

/** Whether a row of the weight is a class: of a head, or of the last layer of one, that PEFT may have wrapped. */
function isHeadWeight(name: string): boolean {
  const [weight, ...inward] = name.split('.').reverse();
  const wrapper = inward.slice(0, 2).indexOf('modules_to_save');
  const [last = '', before = ''] = inward.slice(wrapper + 1);
  return weight === 'weight' && (heads.has(last) || (lastLayers.has(last) && heads.has(before)));
}

/**
 * Undefined for an adapter without one, and for a folder that is none: that is told where it is loaded.
 * @throws TemperError MODEL_CORRUPT for weights that cannot be read
 */
export async function headOfAdapter(folder: string): Promise<AdapterHead | undefined> {
  const weights = join(folder, 'adapter_model.safetensors');
  if (!existsSync(join(folder, 'adapter_config.json'))) return undefined;
  const { tensors } = await readSafetensorsHeader(weights);
  const head = [...tensors].find(([name]) => isHeadWeight(name))?.[1];
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
