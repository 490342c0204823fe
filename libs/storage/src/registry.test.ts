import { describe, expect, it } from 'vitest';
import { digestOfBytes } from './digest.js';
import { Registry, type ModelVersionDraft } from './registry.js';
import { FaultyStore } from './testing/faulty-store.js';

const draft = (runId: string): ModelVersionDraft => {
  const digest = digestOfBytes(runId);
  return {
    digest,
    runId,
    metrics: { f1: 0.9 },
    artifact: { kind: 'model', digest, uri: `s3://temper/${runId}` },
  };
};
const make = () => {
  const store = new FaultyStore();
  return { store, registry: new Registry(store) };
};

describe('the registry', () => {
  it('numbers versions from 1 without gaps, also for racing publishers', async () => {
    const { registry } = make();
    const published = await Promise.all(
      Array.from({ length: 12 }, (_, i) => registry.publish('mail', draft(`run-${i}`))),
    );
    expect(published.map((v) => v.version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
    const stored = await registry.versions('mail');
    expect(stored.map((v) => v.version)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(new Set(stored.map((v) => v.runId)).size).toBe(12);
  });

  it('publishes the same model of the same run once', async () => {
    const { store, registry } = make();
    store.loseAnswers = 1;
    const first = await registry.publish('mail', draft('run-1'));
    expect(await registry.publish('mail', draft('run-1'))).toEqual(first);
    const both = await Promise.all([
      registry.publish('mail', draft('run-2')),
      registry.publish('mail', draft('run-2')),
    ]);
    expect(both.map((v) => v.version)).toEqual([2, 2]);
    expect(await registry.versions('mail')).toHaveLength(2);
  });

  it('publishes what is in a version already as that version, also where publishers race', async () => {
    const { registry } = make();
    const other = (runId: string) => ({ ...draft('weights'), runId });
    const equal = async ({ digest }: { digest: string }) => digest === draft('weights').digest;
    const racing = ['a', 'b', 'c', 'd'].map((run) => registry.publish('mail', other(run), equal));
    const versions = await Promise.all(racing);
    expect(versions.map((v) => v.version)).toEqual([1, 1, 1, 1]);
    expect(new Set(versions.map((v) => v.runId)).size).toBe(1);
    expect(await registry.find('mail', equal)).toEqual(versions[0]);
    expect((await registry.publish('mail', draft('others'))).version).toBe(2);
  });

  it('resolves names, versions and aliases', async () => {
    const { registry } = make();
    for (const run of ['a', 'b', 'c']) await registry.publish('mail', draft(run));
    await registry.moveAlias('mail', 'production', 2);
    const version = async (reference: string) => (await registry.resolve(reference)).version;
    expect(await version('mail')).toBe(3);
    expect(await version('mail:1')).toBe(1);
    expect(await version('mail@production')).toBe(2);
    expect(await version('model:mail@production')).toBe(2);
    expect(await registry.names()).toEqual(['mail']);
  });

  it('moves aliases, and remembers where they were', async () => {
    const { registry } = make();
    for (const run of ['a', 'b']) await registry.publish('mail', draft(run));
    await registry.moveAlias('mail', 'production', 1);
    await registry.moveAlias('mail', 'production', 2);
    await registry.moveAlias('mail', 'production', 2);
    expect(await registry.aliases('mail')).toMatchObject({ production: { version: 2, previous: 1 } });
  });

  it('says what there is instead of what was asked for', async () => {
    const { registry } = make();
    await expect(registry.resolve('mail')).rejects.toThrow('nothing is published yet');
    await registry.publish('mail', draft('a'));
    await registry.moveAlias('mail', 'production', 1);
    await expect(registry.resolve('mial')).rejects.toThrow('did you mean mail?');
    await expect(registry.resolve('mail:7')).rejects.toThrow('mail has no version 7; allowed: 1');
    // Names that are keys of something else, or none, are not asked of the store.
    for (const odd of ['mail@', 'mail@..', 'mail@../x', '..:1', '', '../x@y', 'mail:1@production'])
      await expect(registry.resolve(odd), odd).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(registry.resolve('mail@prodution')).rejects.toThrow('did you mean production?');
    await expect(registry.moveAlias('mail', 'production', 9)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(registry.publish('../mail', draft('a'))).rejects.toMatchObject({ code: 'SPEC_INVALID' });
    await expect(registry.moveAlias('mail', 'a/b', 1)).rejects.toMatchObject({ code: 'SPEC_INVALID' });
  });
});
