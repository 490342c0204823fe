import { TemperError } from '@temper/contracts';
import { aliasKey } from '../keys.js';
import type { ObjectStore } from '../object-store.js';
import { Pointer } from '../pointer.js';
import { isConflict } from '../write.js';

/** A move of an alias: where to, when, and by whom. */
export interface AliasMove {
  readonly version: number;
  readonly movedAt: string;
  /** A person, or `run RUN`; not known of moves before 0.1.0 was released. */
  readonly movedBy?: string | undefined;
}

/** What an alias points at. */
export interface AliasTarget extends AliasMove {
  /** Where it pointed before: what a rollback goes back to. */
  readonly previous?: number | undefined;
  /** The moves before this one, the newest first; of the last 100 at most. */
  readonly history?: readonly AliasMove[] | undefined;
}

const KEPT_MOVES = 100;

export interface Moving {
  readonly by?: string | undefined;
  /** The move is lost where somebody else makes one meanwhile; else the last one wins. */
  readonly alone?: boolean | undefined;
}

/** An alias of a model: a pointer that knows where it was. */
export class Alias {
  readonly #pointer: Pointer<AliasTarget>;

  constructor(
    store: ObjectStore,
    readonly name: string,
    readonly alias: string,
  ) {
    this.#pointer = new Pointer<AliasTarget>(store, aliasKey(name, alias));
  }

  async read(): Promise<AliasTarget | undefined> {
    return (await this.#pointer.read())?.value;
  }

  /**
   * Moves it to what `target` gives, which is asked after the alias was read: what takes long there is guarded too.
   * @throws TemperError PROMOTION_LOST with who moved it meanwhile, of a move that is to be alone; what `target` throws
   */
  async move(
    target: (current: AliasTarget | undefined) => Promise<number>,
    { by, alone = false }: Moving = {},
  ): Promise<AliasTarget> {
    if (!alone) {
      const version = await target(await this.read());
      return (await this.#pointer.update((current) => moved(current, version, by)))!;
    }
    const found = await this.#pointer.read();
    const version = await target(found?.value);
    const next = moved(found?.value, version, by);
    if (!next) return found!.value;
    try {
      await this.#pointer.compareAndSwap(found?.etag, next);
      return next;
    } catch (error) {
      if (!isConflict(error)) throw error;
      const winner = await this.read();
      if (winner?.version === version) return winner;
      throw this.#lost(winner);
    }
  }

  #lost(winner: AliasTarget | undefined): TemperError {
    const at = `${this.name}@${this.alias}`;
    return new TemperError('PROMOTION_LOST', {
      path: at,
      message: 'somebody else moved this alias meanwhile, and it stays where they put it',
      found: winner ? moveWords(winner) : 'removed',
      hint: `temper models history ${this.name} --alias ${this.alias}; promote again if your version is still wanted`,
    });
  }
}

function moved(current: AliasTarget | undefined, version: number, by: string | undefined) {
  if (current?.version === version) return undefined;
  const { history = [], previous: _, ...last } = current ?? {};
  return {
    version,
    movedAt: new Date().toISOString(),
    ...(by === undefined ? {} : { movedBy: by }),
    previous: current?.version,
    ...(current ? { history: [last as AliasMove, ...history].slice(0, KEPT_MOVES) } : {}),
  };
}

/** `version 3, by anna, 2026-…`: for people. */
export const moveWords = ({ version, movedAt, movedBy }: AliasMove): string =>
  [`version ${version}`, ...(movedBy === undefined ? [] : [`by ${movedBy}`]), movedAt].join(', ');
