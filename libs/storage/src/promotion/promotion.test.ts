import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelMeta } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { ArtifactStore } from '../artifact-store.js';
import { aliasKey } from '../keys.js';
import { MemoryStore } from '../memory-store.js';
import { Pointer } from '../pointer.js';
import { Registry } from '../registry.js';
import { encode } from '../write.js';
import { Alias, moveWords, type AliasTarget } from './alias.js';

const approval = { decision: 'approved', by: 'anna', at: '2026-01-01' } as const;

/** Versions 1 and 2 of `mail`; a person approved the run of the second. */
async function published() {
  const store = new MemoryStore();
  const artifacts = new ArtifactStore(store, { cacheFolder: join(tmpdir(), 'temper-promotion') });
  const registry = new Registry(store, {});
  for (const [f1, lineage] of [
    [0.7, {}],
    [0.9, { approval }],
  ] as const) {
    const meta = { metrics: { test: { f1 } }, lineage } as unknown as ModelMeta;
    const artifact = await artifacts.putArtifact('model', { 'config.json': encode('{}') }, meta);
    const { digest } = artifact;
    await registry.publish('mail', { digest, artifact, runId: `run-${f1}`, metrics: {} });
  }
  return { store, registry };
}

describe('an alias', () => {
  it('knows where it was, and who moved it; a rollback goes back, and forth again', async () => {
    const { registry } = await published();
    await registry.moveAlias('mail', 'production', 1, { by: 'anna' });
    await registry.moveAlias('mail', 'production', 2, { by: 'bert' });
    await registry.moveAlias('mail', 'production', 2, { by: 'carl' });
    const back = await registry.rollback('mail', 'production', { by: 'dora', alone: true });
    expect(back).toMatchObject({ version: 1, previous: 2, movedBy: 'dora' });
    expect(back.history?.map(({ version, movedBy }) => [version, movedBy])).toEqual([
      [2, 'bert'],
      [1, 'anna'],
    ]);
    expect((await registry.rollback('mail', 'production')).version).toBe(2);
    await registry.moveAlias('mail', 'candidate', 1);
    await expect(registry.rollback('mail', 'candidate')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(registry.rollback('mail', 'nowhere')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('of an earlier release is read, and moved on from', async () => {
    const { store, registry } = await published();
    const old = { version: 1, movedAt: '2026-01-01T00:00:00.000Z' };
    await new Pointer<AliasTarget>(store, aliasKey('mail', 'production')).compareAndSwap(undefined, old);
    const moved = await registry.moveAlias('mail', 'production', 2, { by: 'anna', alone: true });
    expect(moved).toMatchObject({ version: 2, previous: 1, history: [old] });
  });

  it('has one winner of those who move it at once, who is named to the others', async () => {
    const { store } = await published();
    const people = ['anna', 'bert', 'carl'];
    let waiting = people.length;
    let release = () => {};
    const all = new Promise<void>((resolve) => (release = resolve));
    // Everyone has read the alias before anyone writes it.
    const moves = people.map((by, i) =>
      new Alias(store, 'mail', 'production').move(
        async () => {
          if (!--waiting) release();
          await all;
          return i + 1;
        },
        { by, alone: true },
      ),
    );
    const ended = await Promise.allSettled(moves);
    const winners = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    expect(winners).toHaveLength(1);
    const losers = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason as object] : []));
    for (const error of losers)
      expect(error).toMatchObject({ code: 'PROMOTION_LOST', problems: [{ found: moveWords(winners[0]!) }] });
    expect(moveWords(winners[0]!)).toContain(`by ${winners[0]!.movedBy}, 2`);
  });
});

describe('a protected alias', () => {
  it('asks for the metrics of its gate, as the artifact has them', async () => {
    const { registry } = await published();
    await registry.protections.protect('mail', 'production', {
      approval: false,
      gate: { f1: { min: 0.8 } },
      by: 'anna',
    });
    await expect(registry.moveAlias('mail', 'production', 1)).rejects.toMatchObject({
      code: 'GATE_REFUSED',
      message:
        'mail@production: f1 of version 1 does not pass the gate of this alias; found 0.7; allowed: at least 0.8',
    });
    expect((await registry.moveAlias('mail', 'production', 2)).version).toBe(2);
    expect((await registry.moveAlias('mail', 'candidate', 1)).version).toBe(1);
  });

  it('asks for an approval, of the run or given later; the first one stays', async () => {
    const { registry } = await published();
    await registry.protections.protect('mail', 'production', { approval: true, gate: {}, by: 'anna' });
    const first = await registry.resolve('mail:1');
    await expect(registry.moveAlias('mail', 'production', 1)).rejects.toMatchObject({
      code: 'APPROVAL_MISSING',
    });
    expect((await registry.moveAlias('mail', 'production', 2)).version).toBe(2);
    await expect(registry.rollback('mail', 'production')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const given = await registry.protections.approve(first, { by: 'bert', comment: 'read 50 mails' });
    expect(await registry.protections.approve(first, { by: 'carl' })).toEqual(given);
    expect((await registry.moveAlias('mail', 'production', 1)).version).toBe(1);
    await registry.protections.unprotect('mail', 'production');
    expect(await registry.protections.all('mail')).toEqual({});
  });
});
