import type { ArtifactManifest, ArtifactRef, Digest, ModelMeta } from '@temper/contracts';
import { MemoryStore, Registry } from '@temper/storage';
import { expect, it } from 'vitest';
import { Models } from './models.js';

const digestOf = (n: number): Digest => `sha256:${String(n).repeat(64).slice(0, 64)}`;

/** What `Models` reads of artifacts: their manifests. */
const manifests = {
  manifest: async () =>
    ({
      version: 1,
      kind: 'model',
      files: [],
      meta: { task: 'sequence-classification' } as Partial<ModelMeta>,
    }) as never as ArtifactManifest<never>,
  ref: (kind: string, digest: Digest) =>
    ({ kind, digest, uri: `s3://temper/${digest}` }) as ArtifactRef<never>,
};

async function published(...versions: number[]) {
  const registry = new Registry(new MemoryStore());
  for (const n of versions) {
    const artifact: ArtifactRef<'model'> = { kind: 'model', digest: digestOf(n), uri: 's3://temper/m' };
    await registry.publish('mail', { digest: digestOf(n), artifact, runId: `run-${n}`, metrics: {} });
  }
  return new Models(registry, manifests);
}

it('lists names with their versions and aliases', async () => {
  const models = await published(1, 2);
  await models.promote('mail:1');
  const [mail] = await models.list();
  expect(mail).toMatchObject({ name: 'mail', aliases: { production: 1 } });
  expect(mail!.versions.map((v) => v.runId)).toEqual(['run-1', 'run-2']);
});

it('gets one by each kind of reference, with what points at it', async () => {
  const models = await published(1, 2);
  await models.promote('mail:1', 'candidate');
  expect(await models.get('mail')).toMatchObject({ version: 2, aliases: [] });
  expect(await models.get('mail@candidate')).toMatchObject({
    version: 1,
    aliases: ['candidate'],
    meta: { task: 'sequence-classification' },
  });
  await expect(models.get('mial')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    problems: [{ hint: 'did you mean mail?' }],
  });
});

it('promotes, and tells what a rollback goes back to', async () => {
  const models = await published(1, 2);
  expect(await models.promote('mail:1')).toEqual({
    name: 'mail',
    alias: 'production',
    version: 1,
    previous: undefined,
  });
  expect(await models.promote('mail')).toMatchObject({ version: 2, previous: 1 });
  expect(await models.aliases('mail')).toMatchObject({ production: { version: 2, previous: 1 } });
});
