import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Models } from '@temper/client';
import type { ArtifactRef, ModelVersion } from '@temper/contracts';
import {
  ArtifactStore,
  blobKey,
  createKeys,
  publishedAdapter,
  Registry,
  type SigningSettings,
} from '@temper/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemper } from '../cli/temper.js';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { Stack } from './stack.js';

type Keys = Awaited<ReturnType<typeof createKeys>>;
let stack: Stack;
let spec: Awaited<ReturnType<typeof writeTinyPipeline>> & { readonly training: object };
let key: Keys;
let other: Keys;
let version: ModelVersion;
const at = (name: string) => join(stack.folder, name);

/** A client's or promoter's machine: what it trusts, and a cache of its own. */
function machine(signing: SigningSettings = { trusted: key.publicFile }, cache = 'cache') {
  const registry = new Registry(stack.store, signing);
  const artifacts = new ArtifactStore(stack.store, { cacheFolder: at(cache) });
  return { registry, artifacts, models: new Models(registry, artifacts) };
}

/** The same model under another name or number, as whoever may write the bucket can put it there. */
const put = (name: string, runId: string, artifact: ArtifactRef<'model'> = version.artifact) =>
  machine({}).registry.publish(name, { ...version, artifact, runId });

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    ({ code, message }: { code: string; message: string }) => `${code} ${message}`,
  );

async function temper(env: NodeJS.ProcessEnv, ...args: string[]) {
  const { code, stdout, stderr } = await startTemper(stack.folder, [...args, '--json'], {
    ...stack.services.env,
    ...env,
  }).ended;
  return { code, answer: JSON.parse(stdout.trim().split('\n').at(-1)!) as object, stderr };
}

/** The end of a run whose client looks at nothing itself. */
async function ended(change: object) {
  const runId = await stack.client.submit({ ...spec, ...change } as never, { check: false });
  return stack.client.result(runId);
}

beforeAll(async () => {
  stack = await Stack.start();
  key = await createKeys(at('keys'), 'release');
  other = await createKeys(at('others'), 'other');
  const keys = { TEMPER_SIGNING_KEY_FILE: key.privateFile, TEMPER_TRUSTED_KEYS: key.publicFile };
  await stack.worker('cpu', keys);
  const training = { maxSteps: 2, trainBatchSize: 8, saveSteps: 2, evalStrategy: 'no' };
  spec = { ...(await writeTinyPipeline(stack.folder, 80)), name: 'mail', training } as never;
  expect((await ended({})).status).toBe('completed');
  version = await machine().registry.resolve('mail');
}, 240_000);
afterAll(() => stack[Symbol.asyncDispose]());

describe('a published model', () => {
  it('is signed where the worker has a key, and shown, loaded and exported so', async () => {
    const { models, registry } = machine();
    const verified = { state: 'verified', keyId: key.id, signer: 'release' };
    expect((await models.get('mail')).signature).toEqual(verified);
    expect((await machine({}).models.get('mail')).signature).toEqual({ state: 'signed', keyIds: [key.id] });
    expect(await registry.load('mail@candidate')).toEqual(version);
    expect((await models.verify('mail')).signature).toMatchObject({ keyId: key.id });
    const trusting = { TEMPER_TRUSTED_KEYS: key.publicFile };
    const exported = await temper(trusting, 'models', 'export', 'mail', 'exported');
    expect(exported.code, exported.stderr).toBe(0);
    const bundle = JSON.parse(await readFile(at('exported/model.sig'), 'utf8')) as object;
    expect(bundle).toMatchObject({ verificationMaterial: { publicKey: { hint: key.id } } });
  }, 120_000);

  it('is refused at promotion and load where it is unsigned, or signed by somebody else', async () => {
    await put('plain', 'somebody');
    const { models, registry, artifacts } = machine();
    const tried = async () => [
      await refusal(models.promote('plain')),
      await refusal(models.verify('plain')),
      await refusal(registry.load('plain')),
      await refusal(publishedAdapter({ registry, artifacts }, 'model:plain', at('adapter'))),
    ];
    expect(new Set(await tried())).toEqual(new Set([expect.stringMatching(/^MODEL_UNSIGNED plain:1: /)]));
    // Workers ask for themselves.
    const based = await ended({ name: 'based', model: { base: 'model:plain' } });
    expect(based.error).toMatchObject({ code: 'MODEL_UNSIGNED', stage: 'ingest' });
    await models.sign('plain', other.privateFile);
    const untrusted = new RegExp(`^SIGNER_UNTRUSTED plain:1: .* found signed by key ${other.id}`);
    expect(new Set(await tried())).toEqual(new Set([expect.stringMatching(untrusted)]));
    const predicted = await temper({ TEMPER_TRUSTED_KEYS: key.publicFile }, 'predict', 'plain', 'a good day');
    expect(predicted).toMatchObject({ code: 1, answer: { error: { code: 'SIGNER_UNTRUSTED' } } });
    // Nothing is asked for where no key is trusted.
    expect(await refusal(machine({}).registry.load('plain'))).toBe('done');
    await models.sign('plain', key.privateFile);
    expect(new Set(await tried().then((all) => all.slice(0, 3)))).toEqual(new Set(['done']));
  }, 120_000);

  it('is refused with the name of a file that was changed', async () => {
    const { models, registry, artifacts } = machine();
    const { files, meta } = await artifacts.manifest(version.artifact);
    await artifacts.materialize(version.artifact, at('copied'));
    const copied = Object.fromEntries(files.map(({ path }) => [path, at(`copied/${path}`)]));
    await writeFile(at('poison.md'), 'poison');
    const forged = await artifacts.putArtifact('model', { ...copied, 'README.md': at('poison.md') }, meta);
    const entry = 'registry/models/mail/versions/1.json';
    await stack.store.put(entry, Buffer.from(JSON.stringify({ ...version, artifact: forged })));
    const changed = 'MODEL_CHANGED mail:1/README.md: this file is not the file that was signed';
    expect(await refusal(models.promote('mail'))).toBe(changed);
    expect(await refusal(registry.load('mail'))).toBe(changed);
    await stack.store.put(entry, Buffer.from(JSON.stringify(version)));
    // The bytes under the file's own address.
    const card = blobKey(files.find(({ path }) => path === 'README.md')!.digest);
    const { bytes } = (await stack.store.get(card))!;
    await stack.store.put(card, Buffer.from('poison'));
    expect(await refusal(models.promote('mail'))).toMatch(/^MODEL_CHANGED mail:1\/README.md/);
    const fresh = machine({}, 'fresh').artifacts;
    expect(await refusal(fresh.materialize(version.artifact, at('loaded')))).toMatch(
      /^MODEL_CHANGED README.md: this file of the model is not the one that was published/,
    );
    await stack.store.put(card, bytes);
    expect((await models.promote('mail')).version).toBe(1);
  }, 120_000);
});

describe('a protected alias', () => {
  it('is taken by what passes its gate and somebody approved, and by nothing else', async () => {
    const { models } = machine();
    await put('guarded', 'run-1');
    await models.sign('guarded', key.privateFile);
    await models.protect('guarded', 'production', { approval: true, gate: { accuracy: { min: 1.1 } } });
    const low = await temper({}, 'models', 'promote', 'guarded');
    expect(low).toMatchObject({ code: 1, answer: { error: { code: 'GATE_REFUSED' } } });
    await models.protect('guarded', 'production', { approval: true, gate: { accuracy: { min: 0 } } });
    const unapproved = await temper({}, 'models', 'promote', 'guarded');
    expect(unapproved).toMatchObject({ code: 1, answer: { error: { code: 'APPROVAL_MISSING' } } });
    expect(unapproved.stderr).toContain('temper models approve guarded:1');
    // Nor by a pipeline that publishes under it: the version is there, the alias is not.
    const bold = await ended({ name: 'bold', publish: { model: 'guarded', alias: 'production' } });
    expect(bold.error).toMatchObject({ code: 'APPROVAL_MISSING', stage: 'publish' });
    expect(await models.aliases('guarded')).toEqual({});
    expect(await models.approve('guarded:1', { by: 'anna', comment: 'read 50 of them' })).toMatchObject({
      by: 'anna',
    });
    expect(await models.promote('guarded:1', 'production', { by: 'bert' })).toMatchObject({ version: 1 });
    expect(await models.history('guarded')).toMatchObject([{ version: 1, movedBy: 'bert' }]);
    expect((await models.get('guarded:1')).approval).toMatchObject({ by: 'anna' });
  }, 120_000);
});

it('of concurrent promotions one wins, and the others are told who; a rollback goes back', async () => {
  const people = Array.from({ length: 8 }, (_, i) => `person-${i}`);
  for (const person of people) await put('raced', person);
  const { models } = machine({});
  const lost: number[] = [];
  for (let round = 0; round < 20 && !lost.length; round++) {
    const earlier = round ? (await models.history('raced')).length : 0;
    const tried = await Promise.allSettled(
      people.map((by, i) => models.promote(`raced:${i + 1}`, 'production', { by })),
    );
    const moves = await models.history('raced');
    const winners = moves.slice(0, moves.length - earlier).map(({ movedBy }) => movedBy!);
    for (const [i, outcome] of tried.entries()) {
      if (outcome.status === 'fulfilled') continue;
      const { code, message } = outcome.reason as { code: string; message: string };
      expect(code).toBe('PROMOTION_LOST');
      expect(winners.some((winner) => winner !== people[i] && message.includes(`by ${winner}, 2`))).toBe(
        true,
      );
      lost.push(i);
    }
  }
  expect(lost.length).toBeGreaterThan(0);
  const [last] = await models.history('raced');
  const next = last!.version === 1 ? 2 : 1;
  await models.promote(`raced:${next}`);
  expect(await models.rollback('raced')).toMatchObject({ version: last!.version, previous: next });
}, 120_000);
