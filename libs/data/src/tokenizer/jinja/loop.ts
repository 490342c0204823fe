import { Callable, equal, List, Namespace, Undefined, type Value } from './values.js';

type Field = (at: number, items: readonly Value[], loop: Loop) => Value;

const fields: Readonly<Record<string, Field>> = {
  index: (at) => at + 1,
  index0: (at) => at,
  revindex: (at, items) => items.length - at,
  revindex0: (at, items) => items.length - at - 1,
  first: (at) => at === 0,
  last: (at, items) => at === items.length - 1,
  length: (_, items) => items.length,
  // No loop calls itself here.
  depth: () => 1,
  depth0: () => 0,
  previtem: (at, items) => items[at - 1] ?? new Undefined('the item before the first'),
  nextitem: (at, items) => items[at + 1] ?? new Undefined('the item behind the last'),
  cycle: (at) => new Callable((args) => args[at % args.length] ?? null),
  changed: (_at, _items, loop) => new Callable((args) => loop.changed(new List(args))),
};

/** `loop`, in the pass of the item at `at`. */
export class Loop extends Namespace {
  at = 0;
  private last: Value | undefined;

  constructor(private readonly items: readonly Value[]) {
    super(new Map());
  }

  override get(name: string): Value | undefined {
    return Object.hasOwn(fields, name) ? fields[name]!(this.at, this.items, this) : undefined;
  }

  changed(now: List): boolean {
    const known = this.last !== undefined && equal(now, this.last);
    this.last = now;
    return !known;
  }
}
