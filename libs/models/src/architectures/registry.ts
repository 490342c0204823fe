import { TemperError } from '@temper/contracts';
import { firstOf, shown } from '../formats/messages.js';
import type { GgufArchitecture } from '../formats/gguf/architecture.js';
import { albert } from './albert.js';
import { bert } from './bert.js';
import { cohere } from './cohere.js';
import { deberta } from './deberta.js';
import { distilbert } from './distilbert.js';
import { electra } from './electra.js';
import type { Family, HeadKind, HfConfig } from './family.js';
import { gemma2 } from './gemma2.js';
import { gemma3 } from './gemma3.js';
import { gptJ } from './gpt-j.js';
import { gptNeox } from './gpt-neox.js';
import { gpt2 } from './gpt2.js';
import { granite } from './granite.js';
import { llama } from './llama.js';
import { modernbert } from './modernbert.js';
import { mpnet } from './mpnet.js';
import { olmo2 } from './olmo2.js';
import { opt } from './opt.js';
import { phi3 } from './phi3.js';
import { qwen2 } from './qwen2.js';
import { qwen3 } from './qwen3.js';
import { roberta } from './roberta.js';
import { smollm3 } from './smollm3.js';

/** A new family is one file and one line here. */
export const families = {
  albert,
  bert,
  cohere,
  deberta,
  distilbert,
  electra,
  gemma2,
  gemma3,
  gpt2,
  gptJ,
  gptNeox,
  granite,
  llama,
  modernbert,
  mpnet,
  olmo2,
  opt,
  phi3,
  qwen2,
  qwen3,
  roberta,
  smollm3,
} satisfies Record<string, Family>;
export type FamilyName = keyof typeof families;

/** By `general.architecture` of a GGUF file. */
export const ggufArchitectures: Readonly<Record<string, GgufArchitecture>> = Object.assign(
  {},
  ...Object.values(families).map((family: Family) => family.gguf ?? {}),
);

/** The `model_type`s that can be trained. */
export const supportedFamilies: readonly string[] = Object.values(families).flatMap((f) =>
  Object.keys(f.classes),
);

/** Family and settings of one config.json. Settings keep their type inside, so a mix-up of families is impossible. */
export interface Recognized {
  readonly name: FamilyName;
  readonly family: Family;
  readonly settings: unknown;
  /** transformers' class by kind of head. */
  readonly classes: Readonly<Partial<Record<HeadKind, string>>>;
}

/** Throws MODEL_UNSUPPORTED, naming the family and those that are supported, or the settings that are not. */
export function recognize(config: HfConfig, path: string): Recognized {
  const type = config.model_type;
  const entry = Object.entries(families).find(
    ([, family]) => typeof type === 'string' && Object.hasOwn(family.classes, type),
  );
  if (!entry) {
    throw new TemperError('MODEL_UNSUPPORTED', {
      path,
      message: 'a model of a family that is not supported',
      found: type === undefined ? 'no model_type' : shown(type),
      allowed: supportedFamilies.join(', '),
      ...hintOf(config),
    });
  }
  const family = entry[1] as Family;
  const read = family.settings(config);
  if ('problems' in read) {
    throw new TemperError(
      'MODEL_UNSUPPORTED',
      firstOf(read.problems.map((problem) => ({ ...problem, path: `${path}: ${problem.path}` }))),
    );
  }
  return { name: entry[0] as FamilyName, family, settings: read.settings, classes: family.classes[type]! };
}

function hintOf(config: Readonly<Record<string, unknown>>): { hint?: string } {
  const { model_type: type, architectures } = config;
  const small = typeof type === 'string' ? type.toLowerCase() : undefined;
  if (small !== undefined && supportedFamilies.includes(small))
    return { hint: `transformers writes it in small letters: ${small}` };
  if (['text_config', 'llm_config', 'language_config'].some((name) => name in config))
    return { hint: 'it is made of several models: take one of text alone' };
  const first: unknown = Array.isArray(architectures) ? architectures[0] : architectures;
  const made =
    typeof first === 'string'
      ? supportedFamilies.find((name) => first.toLowerCase().startsWith(name))
      : undefined;
  return type == null && made ? { hint: `its architectures say "model_type": "${made}"` } : {};
}

/** transformers' class for the task; throws SPEC_INVALID where the family has none. */
export function classFor({ classes, name }: Recognized, task: HeadKind, path: string): string {
  const found = classes[task];
  if (found) return found;
  throw new TemperError('SPEC_INVALID', {
    path: 'task',
    message: `the base model ${path} is of a family (${name}) that cannot be trained for this task`,
    found: task,
    allowed: Object.keys(classes).join(', '),
  });
}
