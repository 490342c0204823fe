import { full } from './full.js';
import { lora } from './lora.js';
import { qlora } from './qlora.js';
import type { Method } from './method.js';
import type { MethodType } from './schema/index.js';

/** A method without an entry is a type error. */
export const methods: { readonly [T in MethodType]: Method<T> } = { full, lora, qlora };
