import { TemperError } from '@temper/contracts';
import { CONTENT, ROOTS } from '../gc/inventory.js';
import { Sweep } from '../gc/sweep-state.js';
import type { ObjectInfo, ObjectStore } from '../object-store.js';
import { eachLimited } from '../parallel.js';
import { isPassing } from './prefixes.js';

const AT_ONCE = 8;
/** Content of this size and more is streamed. */
const LARGE = 2 ** 20;

export interface Copied {
  readonly objects: number;
  readonly bytes: number;
  /** Content that was there already. */
  readonly present: number;
  /** Collections were not held off: the rights to are missing. */
  readonly unguarded: boolean;
}

/**
 * Copies all that Temper has in a store to another, beside running pipelines. Writers store blobs, then manifests, then what refers
 * to them, so the reader goes the other way: what a reference names was there before the reference was read. In three passes: content,
 * the most of it; then what refers to it; then the content that came meanwhile. A copy that was interrupted refers to nothing
 * that it lacks unless it was in the last pass, and the next one goes on. No collection runs meanwhile.
 * @throws TemperError CONTROL_REFUSED where a collection is at work, STORE_CONFLICT where one took over
 */
export async function copyStore(
  from: ObjectStore,
  to: ObjectStore,
  progress: (copied: { readonly objects: number; readonly bytes: number }) => void = () => undefined,
): Promise<Copied> {
  await using guard = await Guard.over(from);
  let [objects, bytes, present] = [0, 0, 0];
  const copy = async (info: ObjectInfo, isContent: boolean) => {
    if (isPassing(info.key)) return;
    if (isContent && (await to.head(info.key))?.size === info.size) return void present++;
    if (!(await copyObject(from, to, info))) return;
    objects++;
    bytes += info.size;
    progress({ objects, bytes });
  };
  const seen = new Set<string>();
  for (const places of [CONTENT, ROOTS, CONTENT]) {
    for (const prefix of places) {
      const isContent = places === CONTENT;
      const found: ObjectInfo[] = [];
      for await (const info of from.list(prefix)) if (!seen.has(info.key)) found.push(info);
      await eachLimited(found, AT_ONCE, (info) => copy(info, isContent));
      if (isContent) for (const { key } of found) seen.add(key);
    }
  }
  await guard.end();
  return { objects, bytes, present, unguarded: guard.isOff };
}

/** False where it has gone since it was listed. */
async function copyObject(from: ObjectStore, to: ObjectStore, { key, size }: ObjectInfo): Promise<boolean> {
  if (size < LARGE) {
    const object = await from.get(key);
    if (object) await to.put(key, object.bytes);
    return object !== undefined;
  }
  const object = await from.getStream(key);
  if (object) await to.put(key, { stream: object.stream });
  return object !== undefined;
}

/** Has the right to collect for as long as it copies, and collects nothing. */
class Guard implements AsyncDisposable {
  #lost: unknown;
  #beat: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();

  private constructor(private readonly sweep: Sweep | undefined) {
    if (!sweep) return;
    this.#beat = setInterval(() => {
      this.#renewing = this.#renewing
        .then(() => sweep.renew())
        .catch((error: unknown) => void (this.#lost = error));
    }, 5_000);
    this.#beat.unref();
  }

  static async over(store: ObjectStore): Promise<Guard> {
    let by: string | undefined;
    const sweep = await Sweep.begin(store, 'temper store copy', (state) => (by = state.by)).catch(
      (error: unknown) => {
        if (error instanceof TemperError && error.code === 'STORE_REFUSED') return undefined;
        throw error;
      },
    );
    if (by === undefined) return new Guard(sweep);
    throw new TemperError('CONTROL_REFUSED', {
      path: `s3://${store.bucket}`,
      message: 'a collection is at work: it may take what is about to be copied',
      found: by,
      hint: 'copy when it has ended',
    });
  }

  get isOff(): boolean {
    return this.sweep === undefined;
  }

  /** Throws where somebody else has collected meanwhile. */
  async end(): Promise<void> {
    clearInterval(this.#beat);
    await this.#renewing;
    if (this.#lost) throw this.#lost;
    await this.sweep?.move('idle');
    this.#beat = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#beat === undefined) return;
    clearInterval(this.#beat);
    await this.#renewing;
    await this.sweep?.move('idle').catch(() => undefined);
  }
}
