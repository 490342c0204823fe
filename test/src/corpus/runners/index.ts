import type { Runner } from '../case.js';
import { adapters } from './adapters.js';
import { labels } from './labels.js';
import { models } from './models.js';
import { rows } from './rows.js';
import { sources } from './sources.js';
import { spec } from './spec.js';
import { templates } from './templates.js';
import { tokenizer } from './tokenizer.js';

/** By the name of the folder in `test/corpus`. */
export const runners: Readonly<Record<string, Runner>> = {
  adapters,
  labels,
  models,
  rows,
  sources,
  spec,
  templates,
  tokenizer,
};
