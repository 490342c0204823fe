import { createHash } from 'node:crypto';

/** Of one base, different heads have different weights. */
export const namesDigest = (named: readonly { readonly name: string }[]): string =>
  createHash('sha256')
    .update(named.map(({ name }) => name).join(' '))
    .digest('hex')
    .slice(0, 8);
