import assert from 'node:assert/strict';
import { TemperError } from '@temper/contracts';
import type { ObjectBody, ObjectStore, PutCondition } from '../object-store.js';
import { putConditional } from '../write.js';
import { asText, MB, pieces, text, type It, type Open } from './suite.js';

const outcome = (store: ObjectStore, key: string, value: string | ObjectBody, condition: PutCondition) =>
  store.put(key, typeof value === 'string' ? text(value) : value, condition).then(
    () => 'won',
    (error: unknown) => (error instanceof TemperError ? error.code : String(error)),
  );

export function writesUnderConditions(it: It, open: Open, prefix: string): void {
  it('writes with ifNoneMatch only once', async () => {
    const store = await open();
    const key = `${prefix}once`;
    assert.equal(await outcome(store, key, 'first', { ifNoneMatch: '*' }), 'won');
    assert.equal(await outcome(store, key, 'second', { ifNoneMatch: '*' }), 'STORE_CONFLICT');
    assert.equal(asText(await store.get(key)), 'first');
  });

  it('writes with ifMatch only over the version it names', async () => {
    const store = await open();
    const key = `${prefix}matched`;
    const another = '"0123456789abcdef0123456789abcdef"';
    assert.equal(await outcome(store, key, 'x', { ifMatch: another }), 'STORE_CONFLICT');
    const { etag } = await store.put(key, text('first'));
    assert.equal(await outcome(store, key, 'second', { ifMatch: etag }), 'won');
    assert.equal(await outcome(store, key, 'third', { ifMatch: etag }), 'STORE_CONFLICT');
    assert.equal(asText(await store.get(key)), 'second');
  });

  it('lets exactly one of 32 racing writers win, for new keys and for moves', async () => {
    const store = await open();
    const key = `${prefix}race`;
    const writers = Array.from({ length: 32 }, (_, i) => i);
    for (let round = 0; round < 2; round++) {
      const etag = (await store.head(key))?.etag;
      const condition: PutCondition = etag ? { ifMatch: etag } : { ifNoneMatch: '*' };
      const outcomes = await Promise.all(
        writers.map((i) => outcome(store, key, `round ${round} writer ${i}`, condition)),
      );
      assert.equal(outcomes.filter((o) => o === 'won').length, 1);
      assert.equal(outcomes.filter((o) => o === 'STORE_CONFLICT').length, 31);
      assert.equal(asText(await store.get(key)), `round ${round} writer ${outcomes.indexOf('won')}`);
    }
  });
}

export function tellsLostAnswers(it: It, open: Open, prefix: string): void {
  it('keeps conditions of what goes up in parts', async () => {
    const store = await open();
    const key = `${prefix}large`;
    const large = (letter: string) => ({ stream: pieces(Buffer.alloc(9 * MB, letter), MB) });
    assert.equal(await outcome(store, key, large('a'), { ifNoneMatch: '*' }), 'won');
    assert.equal(await outcome(store, key, large('b'), { ifNoneMatch: '*' }), 'STORE_CONFLICT');
    const found = (await store.get(key))!;
    assert.equal(asText(found)[0], 'a');
    const another = '"0123456789abcdef0123456789abcdef"';
    assert.equal(await outcome(store, key, large('e'), { ifMatch: another }), 'STORE_CONFLICT');
    assert.equal(await outcome(store, key, large('f'), { ifMatch: found.etag }), 'won');
    assert.equal(await outcome(store, key, large('g'), { ifMatch: found.etag }), 'STORE_CONFLICT');
    assert.equal(asText(await store.get(key))[0], 'f');
  });

  it('has written what a lost answer was of: the same again is a success, another content is not', async () => {
    const store = await open();
    const key = `${prefix}answered`;
    const { etag } = await putConditional(store, key, text('mine'), { ifNoneMatch: '*' });
    // As the retry of a request whose answer was lost.
    assert.deepEqual(await putConditional(store, key, text('mine'), { ifNoneMatch: '*' }), { etag });
    const { etag: moved } = await putConditional(store, key, text('moved'), { ifMatch: etag });
    assert.deepEqual(await putConditional(store, key, text('moved'), { ifMatch: etag }), { etag: moved });
    const code = (error: unknown) => error instanceof TemperError && error.code === 'STORE_CONFLICT';
    await assert.rejects(putConditional(store, key, text('other'), { ifMatch: etag }), code);
    await assert.rejects(putConditional(store, key, text('other'), { ifNoneMatch: '*' }), code);
    assert.equal(asText(await store.get(key)), 'moved');
  });

  it('writes nothing over a key that was deleted, when another version is named', async () => {
    const store = await open();
    const key = `${prefix}deleted`;
    const { etag } = await store.put(key, text('first'));
    await store.delete(key);
    assert.equal(await outcome(store, key, 'second', { ifMatch: etag }), 'STORE_CONFLICT');
    assert.equal(await store.head(key), undefined);
    assert.equal(await outcome(store, key, 'anew', { ifNoneMatch: '*' }), 'won');
  });
}
