import { randomBytes } from 'node:crypto';
import { abandons } from './contract/abandoned.js';
import { tellsLostAnswers, writesUnderConditions } from './contract/conditions.js';
import { keeps } from './contract/keeping.js';
import { lists } from './contract/listing.js';
import { parts, staysWhole } from './contract/parts.js';
import type { Open, TestRunner } from './contract/suite.js';

export { changedBytesContract, type ChangeableStore } from './contract/changed-bytes.js';
export type { TestRunner } from './contract/suite.js';

/**
 * What every implementation of the port must do. The fake and the adapters run the same suite; a real server behind
 * an adapter has to pass it too.
 */
export function objectStoreContract(name: string, open: Open, { describe, it }: TestRunner): void {
  const prefix = `contract/${randomBytes(4).toString('hex')}/`;
  describe(`the object-store contract on ${name}`, () => {
    const all = [keeps, lists, parts, staysWhole, abandons, writesUnderConditions, tellsLostAnswers];
    for (const part of all) part(it, open, prefix);
  });
}
