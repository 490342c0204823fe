import type { Value } from '@temper/graph';
import type { Build } from '../../build/build.js';

/**
 * f of each distance, int64 of the shape of `distances`: from a table over all the distances that there can be, from
 * −(maxSequence − 1) to maxSequence − 1.
 */
export function ofDistances(
  { g, maxSequence }: Build,
  distances: Value,
  f: (distance: number) => number,
): Value {
  const most = maxSequence - 1;
  const table = g.int64s(...Array.from({ length: 2 * most + 1 }, (_, i) => f(i - most)));
  return g.op('Gather', [table, g.op('Add', [distances, g.scalar('int64', most)])]);
}

/** What is made once of each value of a kind: of the distances, which layers share. */
export function perValue(make: (value: Value) => Value): (value: Value) => Value {
  const made = new Map<Value, Value>();
  return (value) => {
    const found = made.get(value) ?? make(value);
    made.set(value, found);
    return found;
  };
}
