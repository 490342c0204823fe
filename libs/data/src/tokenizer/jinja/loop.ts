import { Callable, equal, List, Namespace, Undefined, type Value } from './values.js';

/** `loop`, in the pass of the item at `at`. */
export class Loop extends Namespace {
  at = 0;
  private last: Value | undefined;

  constructor(private readonly items: readonly Value[]) {
    super(new Map());
  }

  override get(name: string): Value | undefined {
    const { at, items } = this;
    switch (name) {
      case 'index':
        return at + 1;
      case 'index0':
        return at;
      case 'revindex':
        return items.length - at;
      case 'revindex0':
        return items.length - at - 1;
      case 'first':
        return at === 0;
      case 'last':
        return at === items.length - 1;
      case 'length':
        return items.length;
      // No loop calls itself here.
      case 'depth':
        return 1;
      case 'depth0':
        return 0;
      case 'previtem':
        return items[at - 1] ?? new Undefined('the item before the first');
      case 'nextitem':
        return items[at + 1] ?? new Undefined('the item behind the last');
      case 'cycle':
        return new Callable((args) => args[at % args.length] ?? null);
      case 'changed':
        return new Callable((args) => this.changed(new List(args)));
      default:
        return undefined;
    }
  }

  private changed(now: List): boolean {
    const known = this.last !== undefined && equal(now, this.last);
    this.last = now;
    return !known;
  }
}
