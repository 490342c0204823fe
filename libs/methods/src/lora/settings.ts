import { TemperError } from '@temper/contracts';
import type { Adaptable, Module } from '@temper/models';
import type { Adapter } from '../adapter/read-adapter.js';
import { adapterName, lastPart, modulesWith } from '../peft-names.js';
import { completed } from '../schema/method-schema.js';
import { loraSchema, type LoraFields } from '../schema/lora.js';
import { byName, isTarget, targeted, type Target } from '../targets.js';

export type LoraSettings = ReturnType<typeof settingsOf>;

/** Ranks and alphas, by module where patterns say so. */
type Ranked = Pick<LoraSettings, 'r' | 'alpha' | 'rankPattern' | 'alphaPattern'> &
  Partial<Pick<LoraSettings, 'useRslora'>>;

export const settingsOf = (spec: LoraFields) => completed(loraSchema, spec, 'r', 'alpha', 'dropout');

/** The update of one module. */
export interface Update {
  readonly r: number;
  /** α/r, or α/√r (Kalajdzievski 2023, rsLoRA). */
  readonly scale: number;
}

/** Of a method that scales by α/r. */
export function updateOf(settings: Ranked, module: string): Update {
  const r = byName(settings.rankPattern, module, 'rankPattern', settings.r);
  const alpha = byName(settings.alphaPattern, module, 'alphaPattern', settings.alpha);
  return { r, scale: settings.useRslora ? alpha / Math.sqrt(r) : alpha / r };
}

/** @throws TemperError SPEC_INVALID for a pattern that says something of no module that is changed */
export function refuseIdlePatterns(
  { rankPattern, alphaPattern }: Pick<LoraFields, 'rankPattern' | 'alphaPattern'>,
  chosen: readonly Target[],
): void {
  for (const [field, patterns] of Object.entries({ rankPattern, alphaPattern })) {
    for (const key of Object.keys(patterns ?? {})) {
      const alone = { [key]: true };
      const isMeant = ({ name }: Target) => byName(alone, name, field, false);
      if (chosen.some(isMeant)) continue;
      throw new TemperError('SPEC_INVALID', {
        path: `method.${field}`,
        message: 'no module that the method changes has such a name',
        found: key.slice(0, 60),
        allowed: [...new Set(chosen.map(({ name }) => lastPart(name)))].join(', '),
        hint: 'ends of names or regular expressions, of modules that targetModules names',
      });
    }
  }
}

/** LoRA+ of PEFT gives tables a learning rate of their own (`loraplus_lr_embedding`, 1e-6), which no ratio says. */
export function refuseTables({ useDora, loraPlusRatio }: LoraFields, chosen: readonly Module[]): void {
  const field = useDora ? 'useDora' : loraPlusRatio !== undefined && 'loraPlusRatio';
  const table = field && chosen.find(({ type }) => type === 'embedding');
  if (!table) return;
  throw new TemperError('SPEC_INVALID', {
    path: `method.${field}`,
    message: 'is for linear modules alone',
    found: table.name,
    hint: 'take it from targetModules, or train it whole with modulesToSave',
  });
}

/** The modules that are changed: an adapter to start from names them itself, and each family has its default. */
export function adaptedModules(
  spec: LoraFields,
  { modules, defaultTargets }: Adaptable,
  adapter: Adapter | undefined,
): Target[] {
  const targets = modules.filter(isTarget);
  const { targetModules = adapter ? modulesOf(adapter.weights.keys()) : defaultTargets.updated } = spec;
  return targeted(targets, { ...spec, targetModules });
}

/** By the names of an adapter's weights. */
export const modulesOf = (names: Iterable<string>): string[] =>
  modulesWith(names, 'lora_A.weight', 'lora_embedding_A');

export interface FactorNames {
  readonly a: string;
  readonly b: string;
  readonly magnitude: string;
}

/** PEFT's names: those of an embedding's factors are parameters, not modules with a weight. */
export const factorNames = ({ name, type }: Pick<Module, 'name' | 'type'>): FactorNames =>
  type === 'embedding'
    ? {
        a: adapterName(`${name}.lora_embedding_A`),
        b: adapterName(`${name}.lora_embedding_B`),
        magnitude: adapterName(`${name}.lora_magnitude_vector`),
      }
    : {
        a: adapterName(`${name}.lora_A.weight`),
        b: adapterName(`${name}.lora_B.weight`),
        magnitude: adapterName(`${name}.lora_magnitude_vector`),
      };

/** Rows of what goes in and out: tokens of an embedding, elements of a linear module. */
export const sizesOf = (module: Target): readonly [inputs: number, outputs: number] =>
  module.type === 'embedding' ? [module.rows, module.size] : [module.inputs, module.outputs];
