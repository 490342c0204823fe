import { CONTENT, ROOTS } from '../gc/inventory.js';

/** Everything that Temper has in a bucket, what refers first. */
export const prefixes = [...ROOTS, ...CONTENT] as const;

/** Of the moment: a collection that is at work here is none in a copy. */
const passing = ['refs/gc', 'gc/clock', 'gc/condemned/'];
export const isPassing = (key: string): boolean => passing.some((prefix) => key.startsWith(prefix));
