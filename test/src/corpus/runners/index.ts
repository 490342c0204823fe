import type { Runner } from '../case.js';
import { rows } from './rows.js';
import { spec } from './spec.js';

/** By the name of the folder in `test/corpus`. */
export const runners: Readonly<Record<string, Runner>> = { rows, spec };
