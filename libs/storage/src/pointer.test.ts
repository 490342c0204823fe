import { describe, expect, it } from 'vitest';
import { Pointer } from './pointer.js';
import { FaultyStore } from './testing/faulty-store.js';

const make = () => {
  const store = new FaultyStore();
  return { store, pointer: new Pointer<{ count: number }>(store, 'refs/test') };
};

describe('a pointer', () => {
  it('moves only from the version that was read', async () => {
    const { pointer } = make();
    expect(await pointer.read()).toBeUndefined();
    const first = await pointer.compareAndSwap(undefined, { count: 1 });
    await pointer.compareAndSwap(first, { count: 2 });
    await expect(pointer.compareAndSwap(first, { count: 3 })).rejects.toMatchObject({
      code: 'STORE_CONFLICT',
    });
    await expect(pointer.compareAndSwap(undefined, { count: 3 })).rejects.toMatchObject({
      code: 'STORE_CONFLICT',
    });
    expect((await pointer.read())!.value).toEqual({ count: 2 });
  });

  it('loses no update of many at the same time', async () => {
    const { pointer } = make();
    const add = () => pointer.update((current) => ({ count: (current?.count ?? 0) + 1 }));
    await Promise.all(Array.from({ length: 20 }, add));
    expect((await pointer.read())!.value).toEqual({ count: 20 });
  });

  it('takes a write whose answer was lost as written', async () => {
    const { store, pointer } = make();
    store.loseAnswers = 2;
    const first = await pointer.compareAndSwap(undefined, { count: 1 });
    await pointer.compareAndSwap(first, { count: 2 });
    expect((await pointer.read())!.value).toEqual({ count: 2 });
  });

  it('stays where it is when the change says so', async () => {
    const { store, pointer } = make();
    await pointer.update(() => ({ count: 7 }));
    expect(await pointer.update(() => undefined)).toEqual({ count: 7 });
    expect(store.written).toHaveLength(1);
  });

  it('gives up after too many lost races', async () => {
    const { store, pointer } = make();
    let other = 0;
    const raced = pointer.update(() => {
      void store.put('refs/test', Buffer.from(`{"value":{"count":${other++}},"write":"other"}`));
      return { count: -1 };
    }, 3);
    await expect(raced).rejects.toThrow('lost 3 races');
  });
});
