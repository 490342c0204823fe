import type { ObjectInfo, ObjectStore } from '../object-store.js';

/** Numbers from 0 (included) to 1, always the same for a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Turn {
  readonly go: () => void;
  readonly since: number;
  readonly urgent: boolean;
}

/** After so many turns a request that is on its way has arrived. */
const ARRIVES_WITHIN = 20;

/**
 * Lets requests of several actors happen one after the other, in an order drawn from a seed. Each turn takes a second of
 * the world's clock.
 */
export class World {
  turns = 0;
  #waiting: Turn[] = [];
  readonly random: () => number;

  constructor(seed: number) {
    this.random = randomOf(seed);
  }

  readonly now = () => this.turns * 1000;

  turn(urgent = false): Promise<void> {
    return new Promise((go) => this.#waiting.push({ go, since: this.turns, urgent }));
  }

  async pass(turns: number): Promise<void> {
    const until = this.turns + turns;
    while (this.turns < until) await this.turn();
  }

  /** Until nobody of the actors is left; `between` is called after every turn. */
  async run(actors: readonly Promise<unknown>[], between: () => void): Promise<void> {
    let over = false;
    const all = Promise.all(actors).finally(() => (over = true));
    // Looked at below, whenever it comes.
    all.catch(() => undefined);
    while (!over) {
      await new Promise((resolve) => setImmediate(resolve));
      const late = this.#waiting.findIndex(
        ({ urgent, since }) => urgent && this.turns - since > ARRIVES_WITHIN,
      );
      const next = late >= 0 ? late : Math.floor(this.random() * this.#waiting.length);
      const [turn] = this.#waiting.splice(next, 1);
      if (!turn) continue;
      this.turns++;
      turn.go();
      between();
    }
    await all;
  }
}

/** What befalls an actor: after how many requests it dies, or stands still for how many turns. */
export interface Fate {
  readonly dies?: number | null;
  readonly stalls?: { readonly after: number; readonly turns: number } | null;
}

/** A store whose requests wait for their turn. Its owner may die: `died` resolves, and no request ever comes back. */
export function inTurns(store: ObjectStore, world: World, { dies, stalls }: Fate = {}) {
  let left = dies ?? Infinity;
  let made = 0;
  let stalled = false;
  let die: (value: 'died') => void = () => undefined;
  const died = new Promise<'died'>((resolve) => (die = resolve));
  const turn = async (urgent?: boolean): Promise<void> => {
    // Not between the check of the lease and the deletion that follows it: see the one assumption below.
    if (stalls && !urgent && !stalled && made++ >= stalls.after) {
      stalled = true;
      await world.pass(stalls.turns);
    }
    if (left-- > 0) return world.turn(urgent);
    die('died');
    return new Promise(() => undefined);
  };
  const own: ObjectStore = {
    bucket: store.bucket,
    get: async (key) => (await turn(), store.get(key)),
    getStream: async (key, options) => (await turn(), store.getStream(key, options)),
    head: async (key) => (await turn(), store.head(key)),
    put: async (key, body, condition) => (await turn(), store.put(key, body, condition)),
    async *list(prefix): AsyncIterable<ObjectInfo> {
      await turn();
      yield* store.list(prefix);
    },
    // What is on its way arrives, late, but not whenever it likes: the one thing that the protocol takes for granted.
    delete: async (key) => (await turn(true), store.delete(key)),
  };
  return { store: own, died };
}
