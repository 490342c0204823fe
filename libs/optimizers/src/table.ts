import { z } from 'zod';
import { adafactor } from './adafactor.js';
import { adagrad } from './adagrad.js';
import { adam } from './adam.js';
import { adamw } from './adamw.js';
import { adamw8bit } from './adamw-8bit.js';
import { lion } from './lion.js';
import { muon } from './muon.js';
import { nadam } from './nadam.js';
import type { Fields, Optimizer, SettingsOf } from './optimizer.js';
import { rmsprop } from './rmsprop.js';
import { sgd } from './sgd.js';

/** Every optimizer by its name in a spec. Adding one is its file and its line here. */
export const optimizers = {
  adamw,
  adam,
  sgd,
  adafactor,
  lion,
  'adamw-8bit': adamw8bit,
  muon,
  nadam,
  rmsprop,
  adagrad,
} as const;

export type OptimizerName = keyof typeof optimizers;
export const optimizerNames = Object.keys(optimizers) as OptimizerName[];

/** Of `training`, the settings of one optimizer, with its defaults where they are not given. */
export const settingsOf = (name: OptimizerName, training: object) =>
  z.object(optimizerOf(name).fields).parse(training) as SettingsOf<Fields>;

/** The optimizer of that name, for code that knows none by name. */
export const optimizerOf = (name: OptimizerName): Optimizer => optimizers[name] as unknown as Optimizer;
