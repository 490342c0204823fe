import type { MethodSpec } from '@temper/contracts';
import type { Graph } from '@temper/graph';
import { full } from './full.js';
import { lora } from './lora.js';
import type { Applied, Method, MethodContext } from './method.js';

export { checkAdapter } from './init-from.js';
export type { Applied, MethodContext } from './method.js';
export { linearModules, type Linear } from './weights.js';

type MethodType = MethodSpec['type'];

/** A method without an entry is a type error. */
const methods: { readonly [T in MethodType]: Method<Extract<MethodSpec, { type: T }>> } = { full, lora };

/** Rewrites a forward graph for training: what is trained, from which values, with which random inputs. */
export function applyMethod(forward: Graph, method: MethodSpec, context: MethodContext): Applied {
  const apply = methods[method.type] as Method<MethodSpec>;
  return apply(forward, method, context);
}
