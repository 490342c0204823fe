import type { MethodSpec } from './schema/index.js';
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

/**
 * Which modules of the base model the method changes, for the check; undefined where it changes none by name, or where an
 * adapter to start from names them itself.
 */
export const adaptedBy = (
  method: MethodSpec,
): { targetModules?: readonly string[] | undefined } | undefined =>
  method.type === 'lora' && (method.targetModules || method.initFrom === undefined) ? method : undefined;
