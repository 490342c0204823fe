import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workflowInterceptors, workflowsPath } from '@temper/plugin';

/**
 * The bundle of the workflow code as a file. Bundling takes seconds, so it is kept under the digest of everything that
 * it is made of, and made once.
 */
export async function workflowBundle(
  cacheFolder: string,
  {
    traced = false,
    failureConverterPath,
  }: { readonly traced?: boolean; readonly failureConverterPath?: string | undefined } = {},
): Promise<string> {
  const entry = workflowsPath();
  const digest = await digestOfSources(entry, { traced, failureConverterPath });
  const file = join(cacheFolder, 'workflow-bundles', `${digest}.js`);
  if (existsSync(file)) return file;
  const { code } = await bundleWorkflowCode({
    workflowsPath: entry,
    workflowInterceptorModules: workflowInterceptors({ traced }),
    ...(failureConverterPath ? { failureConverterPath } : {}),
    logger: new DefaultLogger('WARN'),
  });
  await mkdir(dirname(file), { recursive: true });
  // By rename: another worker that starts now finds a whole file or none.
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, code);
  await rename(temporary, file);
  return file;
}

/** Our own code by content, the SDK by version. */
async function digestOfSources(entry: string, of: Readonly<Record<string, unknown>>): Promise<string> {
  const hash = createHash('sha256').update(`${JSON.stringify(of)}\0`);
  const require = createRequire(entry);
  const ours = [entry, ...['@temper/contracts', '@temper/spec'].map((name) => require.resolve(name))];
  for (const folder of ours.map((file) => dirname(file))) {
    const files = (await readdir(folder, { recursive: true })).filter((name) => /\.[jt]s$/.test(name));
    for (const name of files.sort()) hash.update(`${name}\0`).update(await readFile(join(folder, name)));
  }
  const sdk = ['@temporalio/workflow', '@temporalio/worker', '@temporalio/interceptors-opentelemetry'];
  for (const name of sdk) {
    const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
    hash.update(`${name}@${version}\0`);
  }
  return hash.digest('hex').slice(0, 32);
}
