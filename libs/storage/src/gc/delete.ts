import { TemperError, type Digest, type ModelVersion } from '@temper/contracts';
import {
  aliasKey,
  approvalKey,
  checkpointKey,
  deletedKey,
  manifestKey,
  runPrefix,
  signaturePrefix,
  uriOf,
  versionKey,
} from '../keys.js';
import { keysBelow } from '../keys-below.js';
import type { ObjectStore } from '../object-store.js';
import { Registry } from '../registry.js';
import { parseSealed, sealedJson } from '../seal.js';
import { Reader } from './inventory.js';
import { modelsOfDataset, type MadeFrom } from './made-from.js';
import { release, withdraw } from './release.js';

/**
 * Takes a version out of the registry; the next collection takes its files, where nothing else needs them.
 * @throws TemperError CONTROL_REFUSED where an alias points at it
 */
export async function deleteVersion(
  store: ObjectStore,
  reference: string,
  by: string,
): Promise<ModelVersion> {
  const registry = new Registry(store);
  const version = await registry.resolve(reference);
  const { name } = version;
  const aliases = Object.entries(await registry.aliases(name)).filter(
    ([, to]) => to.version === version.version,
  );
  if (aliases.length) {
    const names = aliases.map(([alias]) => `${name}@${alias}`);
    throw new TemperError('CONTROL_REFUSED', {
      path: `${name}:${version.version}`,
      message: 'an alias points at this version',
      found: names.join(', '),
      hint: `move it first: temper models promote ${name}:OTHER --alias ${aliases[0]![0]}`,
    });
  }
  const rule = `models delete ${name}:${version.version} by ${by}`;
  await release(store, { rule, references: version });
  await unpublish(store, version, rule);
  return version;
}

/** All versions of a name, and its aliases. */
export async function deleteModel(store: ObjectStore, name: string, by: string): Promise<ModelVersion[]> {
  const registry = new Registry(store);
  const versions = await registry.versions(name);
  if (!versions.length) await registry.resolve(name);
  for (const alias of Object.keys(await registry.aliases(name))) await store.delete(aliasKey(name, alias));
  const rule = `models delete ${name} by ${by}`;
  await release(store, { rule, references: versions });
  for (const version of versions) await unpublish(store, version, rule);
  return versions;
}

/** Its number is remembered: what people wrote down as `NAME:N` never becomes another model. */
async function unpublish(
  store: ObjectStore,
  { name, version, runId }: ModelVersion,
  rule: string,
): Promise<void> {
  await store.put(deletedKey(name, version), sealedJson({ name, version, runId, rule }));
  await store.delete(versionKey(name, version));
  await store.delete(approvalKey(name, version));
  for (const key of await keysBelow(store, signaturePrefix(name, version))) await store.delete(key);
}

/** The files of a run, its pointer and its list of checkpoints; what it published stays. Returns how many objects went. */
export async function deleteRunFiles(store: ObjectStore, runId: string, by: string): Promise<number> {
  const keys = await keysBelow(store, runPrefix(runId));
  for await (const { key } of store.list(checkpointKey(runId)))
    if (key === checkpointKey(runId)) keys.push(key);
  const records = keys.filter((key) => key.includes('/checkpoints/') || key.startsWith('refs/'));
  const found = await Promise.all(records.map((key) => store.get(key)));
  const references = found.flatMap((object) => (object ? [parseSealed<unknown>(object)] : []));
  await release(store, { rule: `runs delete ${runId} by ${by}`, references });
  // The list last: a deletion that is cut short can be asked for again.
  const order = [...keys].sort((a, b) => Number(records.includes(a)) - Number(records.includes(b)));
  for (const key of order) await store.delete(key);
  return keys.length;
}

export interface DeletedDataset {
  /** Versions that have learnt from it: what they know of it stays in them. */
  readonly models: readonly MadeFrom[];
  /** Cached results of stages that referred to it. */
  readonly cached: number;
}

/**
 * Takes a data set away from everything that would keep it, published versions included: the next collection takes its rows,
 * unless a run that goes on uses it. Token files of the models' lineages go with it.
 * @throws TemperError CONTROL_REFUSED with the models that saw it, unless `force`; NOT_FOUND
 */
export async function deleteDataset(
  store: ObjectStore,
  dataset: Digest,
  { by, force = false }: { readonly by: string; readonly force?: boolean },
): Promise<DeletedDataset> {
  const kind = (await new Reader(store).manifest(dataset))?.kind;
  if (kind !== 'dataset') {
    throw new TemperError('NOT_FOUND', {
      path: dataset,
      message: 'the store has no such data set',
      found: kind ?? 'nothing',
      hint: 'temper models show MODEL says which one a model was made from',
    });
  }
  const models = await modelsOfDataset(store, dataset);
  if (models.length && !force) {
    throw new TemperError('CONTROL_REFUSED', {
      path: dataset,
      message: 'models have learnt from this data set, and would be left without it',
      found: models
        .map(({ model, version, through }) => `${model}:${version}${through ? ` (through ${through})` : ''}`)
        .join(', '),
      hint: 'delete them too (temper models delete), or say --force: the versions stay, and cannot be rebuilt',
    });
  }
  const tokens = models.flatMap(({ tokens: of }) => of);
  const withdrawn = [dataset, ...new Set(tokens)];
  const rule = `datasets delete ${dataset} by ${by}`;
  for (const digest of withdrawn) await withdraw(store, digest, rule);
  let cached = 0;
  for await (const { key } of store.list('cache/')) {
    const entry = await store.get(key);
    const text = entry && new TextDecoder().decode(entry.bytes);
    if (!text || !withdrawn.some((digest) => text.includes(digest))) continue;
    await store.delete(key);
    cached++;
  }
  const refs = withdrawn.map((digest) => ({
    kind: 'dataset',
    digest,
    uri: uriOf(store, manifestKey(digest)),
  }));
  await release(store, { rule, references: refs });
  return { models, cached };
}
