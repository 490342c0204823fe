import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactRef, ModelMeta } from '@temper/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactStore } from '../artifact-store.js';
import { blobKey, signatureKey, versionKey } from '../keys.js';
import { MemoryStore } from '../memory-store.js';
import { Registry } from '../registry.js';
import { encode } from '../write.js';
import { createKeys, readSigner, readTrusted } from './keys.js';
import { checkSigning } from './settings.js';

let folder: string;
let ours: Awaited<ReturnType<typeof createKeys>>;
let theirs: Awaited<ReturnType<typeof createKeys>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-signing-'));
  ours = await createKeys(join(folder, 'keys'), 'ours');
  theirs = await createKeys(join(folder, 'others'), 'theirs');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const files = (weights: string) => ({
  'config.json': encode('{}'),
  'model.safetensors': encode(weights),
  'sub/b.json': encode('b'),
});

/** A published version, with a registry that asks for our key. */
async function published() {
  const store = new MemoryStore();
  const artifacts = new ArtifactStore(store, { cacheFolder: join(folder, 'cache') });
  const put = (weights: string, task = 'x') =>
    artifacts.putArtifact('model', files(weights), { task } as unknown as ModelMeta);
  const registry = new Registry(store, { trusted: join(folder, 'keys') });
  const publish = async (artifact: ArtifactRef<'model'>, runId = 'run-1') =>
    registry.publish('mail', { digest: artifact.digest, artifact, runId, metrics: {} });
  const version = await publish(await put('weights'));
  const rewrite = (more: object) =>
    store.put(versionKey('mail', 1), encode(JSON.stringify({ ...version, ...more })));
  return { store, put, publish, registry, version, rewrite };
}
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    ({ code, message }: { code: string; message: string }) => `${code} ${message}`,
  );

describe('a signed version', () => {
  it('is loaded, and taken by an alias; signing again changes nothing', async () => {
    const { registry, version, store } = await published();
    const bundle = await registry.signatures.sign(version, await readSigner(ours.privateFile));
    expect(await registry.signatures.sign(version, await readSigner(ours.privateFile))).toEqual(bundle);
    expect(await registry.load('mail')).toEqual(version);
    expect((await registry.moveAlias('mail', 'production', 1)).version).toBe(1);
    expect(await registry.signatures.state(version)).toEqual({
      state: 'verified',
      keyId: ours.id,
      signer: 'ours',
    });
    expect(await new Registry(store, {}).signatures.state(version)).toEqual({
      state: 'signed',
      keyIds: [ours.id],
    });
  });

  it('is refused without a signature, by another key, and under a signature that was changed', async () => {
    const { registry, version, store } = await published();
    const both = async () =>
      expect(await refusal(registry.load('mail'))).toBe(
        await refusal(registry.moveAlias('mail', 'production', 1)),
      );
    expect(await refusal(registry.load('mail'))).toMatch(/^MODEL_UNSIGNED mail:1/);
    await both();
    const signed = await registry.signatures.sign(version, await readSigner(theirs.privateFile));
    expect(await refusal(registry.load('mail'))).toMatch(
      `SIGNER_UNTRUSTED mail:1: the version is signed, but by no key that is trusted here (TEMPER_TRUSTED_KEYS); found signed by key ${theirs.id}`,
    );
    await both();
    // Their signature under our key's name.
    const forged = { ...signed, verificationMaterial: { publicKey: { hint: ours.id } } };
    await store.put(signatureKey('mail', 1, ours.id), encode(JSON.stringify(forged)));
    expect(await refusal(registry.load('mail'))).toMatch(
      `MODEL_CHANGED mail:1: the signature of key ${ours.id}`,
    );
    await both();
    // Who has the key mends it.
    await registry.signatures.sign(version, await readSigner(ours.privateFile));
    expect(await registry.load('mail')).toEqual(version);
    await both();
  });

  it('is refused with the names of files that are others', async () => {
    const { registry, version, store, put, publish, rewrite } = await published();
    await registry.signatures.sign(version, await readSigner(ours.privateFile));
    await rewrite({ artifact: await put('poison') });
    expect(await refusal(registry.load('mail:1'))).toBe(
      'MODEL_CHANGED mail:1/model.safetensors: this file is not the file that was signed',
    );
    // The same files, made of something else.
    await rewrite({ artifact: await put('weights', 'another base model') });
    expect(await refusal(registry.load('mail:1'))).toContain('the manifest (base model, lineage, metrics)');
    await rewrite({ runId: 'another' });
    expect(await refusal(registry.load('mail:1'))).toContain('its run is not the one that was signed');
    await rewrite({});
    // The signature of one version is none of the next.
    const second = await publish(await put('weights'), 'run-2');
    const [bundle] = await registry.signatures.of(version);
    await store.put(signatureKey('mail', 2, ours.id), encode(JSON.stringify(bundle)));
    expect(await refusal(registry.load('mail:2'))).toContain('its version is not the one that was signed');
    expect(second.version).toBe(2);
    // A blob itself: found where all of it is read.
    const { digest } = JSON.parse(
      Buffer.from(bundle!.dsseEnvelope.payload, 'base64').toString(),
    ).predicate.resources.find((r: { name: string }) => r.name === 'model.safetensors') as { digest: string };
    await store.put(blobKey(`sha256:${digest}`), encode('poison'));
    expect(await refusal(registry.moveAlias('mail', 'production', 1))).toBe(
      'MODEL_CHANGED mail:1/model.safetensors: this file is not the file that was published',
    );
    await store.delete(blobKey(`sha256:${digest}`));
    expect(await refusal(registry.moveAlias('mail', 'production', 1))).toContain('is missing in the store');
  });

  it('is asked for by nobody where no key is trusted', async () => {
    const { store, version } = await published();
    const registry = new Registry(store, {});
    expect(await registry.load('mail')).toEqual(version);
    await registry.moveAlias('mail', 'production', 1);
    expect(await registry.signatures.state(version)).toEqual({ state: 'unsigned' });
  });
});

describe('keys', () => {
  it('are files for their owner alone, and are not written over', async () => {
    expect((await stat(ours.privateFile)).mode & 0o777).toBe(0o600);
    expect(await refusal(createKeys(join(folder, 'keys'), 'ours'))).toContain('there is a key of this name');
    const open = await createKeys(join(folder, 'open'), 'k');
    await chmod(open.privateFile, 0o644);
    expect(await refusal(readSigner(open.privateFile))).toContain('every user of this machine can read');
  });

  it('of P-384 and P-521 sign too; others are refused in words', async () => {
    const { registry, version, store } = await published();
    const make = async (kind: 'ec' | 'ed25519', namedCurve: string) => {
      const pair = generateKeyPairSync(kind as 'ec', { namedCurve });
      const file = join(folder, `${namedCurve || kind}.pem`);
      await writeFile(file, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
      await writeFile(file.replace('.pem', '.pub'), pair.publicKey.export({ type: 'spki', format: 'pem' }));
      return file;
    };
    for (const curve of ['P-384', 'P-521']) {
      const file = await make('ec', curve);
      await registry.signatures.sign(version, await readSigner(file));
      const trusting = new Registry(store, { trusted: file.replace('.pem', '.pub') });
      expect(await trusting.load('mail')).toEqual(version);
    }
    expect(await refusal(readSigner(await make('ed25519', '')))).toContain('P-256, P-384 or P-521');
  });

  it('that are asked for must be there', async () => {
    expect(await refusal(readTrusted(join(folder, 'nowhere')))).toMatch(/^SPEC_INVALID/);
    expect(await refusal(readTrusted(ours.privateFile))).toContain('there is no public key');
    expect(await refusal(checkSigning({ keyFile: ours.privateFile, trusted: ours.publicFile }))).toBe(
      undefined,
    );
    expect(await refusal(checkSigning({ keyFile: ours.publicFile }))).toContain('not a private key');
    expect(await refusal(checkSigning({ trusted: ours.privateFile }))).toContain('there is no public key');
  });
});
