import { execFile } from 'node:child_process';
import { appendFile, chmod, cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ModelMeta } from '@temper/contracts';
import { ArtifactStore, createKeys } from '@temper/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemper } from '../cli/temper.js';
import { Stack } from '../e2e/stack.js';

const run = promisify(execFile);
/** The second, because model-signing 1.1.1 imports it and does not say so. */
const packages = ['model-signing==1.1.1', 'pyOpenSSL==26.4.0'];

let stack: Stack;
let key: Awaited<ReturnType<typeof createKeys>>;
const at = (...names: string[]) => join(stack.folder, ...names);

/** What OpenSSF's own verifier says of a folder. */
async function verdict(folder: string, publicFile = key.publicFile): Promise<string> {
  const args = ['verify', 'key', at(folder), '--signature', at(folder, 'model.sig')];
  const ended = await run(at('venv/bin/model_signing'), [...args, '--public_key', publicFile]).then(
    ({ stdout, stderr }) => `0 ${stdout}${stderr}`,
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) =>
      `${code} ${stdout}${stderr}`,
  );
  return ended.trim();
}

beforeAll(async () => {
  stack = await Stack.start();
  await run('python3', ['-m', 'venv', at('venv')]);
  await run(at('venv/bin/pip'), ['install', '--quiet', ...packages]);
  key = await createKeys(at('keys'), 'release');
  const artifacts = new ArtifactStore(stack.store, { cacheFolder: at('cache') });
  const text = (content: string) => new TextEncoder().encode(content);
  const meta = { format: 'adapter', method: { type: 'lora' }, lineage: {} } as unknown as ModelMeta;
  // Names that are sorted in one way by their characters and in another by their folders.
  const names = ['README.md', 'a-b', 'a.txt', 'a/b.txt', 'adapter_config.json', 'ü.txt'];
  const files = Object.fromEntries(names.map((name) => [name, text(name)]));
  const artifact = await artifacts.putArtifact('model', files, meta);
  const { digest } = artifact;
  await stack.client.registry.publish('mail', { digest, artifact, runId: 'run-1', metrics: {} });
  await stack.client.models.sign('mail', key.privateFile);
  const exported = await startTemper(
    stack.folder,
    ['models', 'export', 'mail', 'exported'],
    stack.services.env,
  ).ended;
  expect(exported.code, exported.stderr).toBe(0);
});
afterAll(() => stack[Symbol.asyncDispose]());

describe('an exported model', () => {
  it("is verified by OpenSSF's model_signing, with our key", async () => {
    expect(await verdict('exported')).toBe('0 Verification succeeded');
  });

  it('is refused by it with another key, a changed file, and a file that nobody signed', async () => {
    const other = await createKeys(at('others'), 'other');
    expect(await verdict('exported', other.publicFile)).toMatch(/^1 .*Key mismatch/);
    for (const name of ['changed', 'added']) await cp(at('exported'), at(name), { recursive: true });
    await chmod(at('changed/a.txt'), 0o644);
    await appendFile(at('changed/a.txt'), '!');
    expect(await verdict('changed')).toMatch(/^1 .*Hash mismatch for 'a.txt'/);
    await writeFile(at('added/more.txt'), '!');
    expect(await verdict('added')).toMatch(/^1 .*Extra files .*more.txt/);
  });

  it('has the name of its key that model_signing gives the key', async () => {
    const args = ['sign', 'key', at('exported'), '--private_key', key.privateFile];
    await run(at('venv/bin/model_signing'), [...args, '--signature', at('theirs.sig')]);
    const { stdout } = await run('cat', [at('theirs.sig')]);
    expect(JSON.parse(stdout)).toMatchObject({ verificationMaterial: { publicKey: { hint: key.id } } });
  });
});
