import type { ArtifactManifest, Digest, ModelVersion } from '@temper/contracts';
import type { ObjectStore } from '../object-store.js';
import { eachLimited } from '../parallel.js';
import { Registry } from '../registry.js';
import { Reader } from './inventory.js';

/** A version that has seen a data set. */
export interface MadeFrom {
  readonly model: string;
  readonly version: number;
  readonly runId: string;
  /** Files made of the data set; empty where it was seen through another version. */
  readonly tokens: readonly Digest[];
  /** Aliases that point at it. */
  readonly aliases: readonly string[];
  /** `NAME:VERSION` of the version that it was trained on from, where it has not seen the data set itself. */
  readonly through?: string | undefined;
}

type Manifest = Pick<ArtifactManifest, 'files'> & Pick<ArtifactManifest<'model'>, 'meta'>;
interface Known {
  readonly version: ModelVersion;
  readonly name: string;
  readonly manifest: Manifest;
}

/**
 * Every version of the registry that has seen a data set: by the digest in its lineage, whatever the data set is called; and those that were
 * trained on from such a version, to any depth. A version is known again in a base model or a starting adapter by the bytes of its weights, wherever
 * they were read from.
 */
export async function modelsOfDataset(store: ObjectStore, dataset: Digest): Promise<MadeFrom[]> {
  const registry = new Registry(store);
  const reader = new Reader(store);
  const known = await versionsIn(registry, reader);
  const found = new Map<Known, Pick<MadeFrom, 'tokens' | 'through'>>();
  for (const one of known) {
    const { lineage } = one.manifest.meta;
    if (lineage?.dataset === dataset) found.set(one, { tokens: lineage.tokens ? [lineage.tokens] : [] });
  }
  if (!found.size) return [];
  const starts = new Map(
    await eachLimited(known, 8, async (one) => [one, await startsOf(reader, one.manifest)] as const),
  );
  // A map's own iteration goes on to what is added meanwhile.
  for (const [parent] of found) {
    const weights = weightsOf(parent.manifest);
    for (const one of known) {
      if (found.has(one) || !weights.some((digest) => starts.get(one)!.has(digest))) continue;
      found.set(one, { tokens: [], through: parent.name });
    }
  }
  const aliasesOf = new Map<string, Awaited<ReturnType<Registry['aliases']>>>();
  for (const { version } of found.keys())
    if (!aliasesOf.has(version.name)) aliasesOf.set(version.name, await registry.aliases(version.name));
  return [...found].map(([{ version }, seen]) => {
    const { name: model, version: number, runId } = version;
    const pointing = Object.entries(aliasesOf.get(model)!).filter(([, to]) => to.version === number);
    return { model, version: number, runId, aliases: pointing.map(([alias]) => alias), ...seen };
  });
}

async function versionsIn(registry: Registry, reader: Reader): Promise<Known[]> {
  const versions = (await eachLimited(await registry.names(), 8, (name) => registry.versions(name))).flat();
  const known = await eachLimited(versions, 8, async (version) => ({
    version,
    name: `${version.name}:${version.version}`,
    manifest: (await reader.manifest(version.artifact.digest)) as Manifest | undefined,
  }));
  return known.filter((one): one is Known => one.manifest !== undefined);
}

/** The bytes of all weights that a version began with. */
async function startsOf(reader: Reader, { meta }: Manifest): Promise<ReadonlySet<Digest>> {
  const { base, lineage } = meta;
  const origins = [base?.digest, lineage?.adapter].filter((digest) => digest !== undefined);
  const manifests = await eachLimited(origins, 2, (digest) => reader.manifest(digest));
  return new Set(manifests.flatMap((manifest) => (manifest ? weightsOf(manifest) : [])));
}

const weightsOf = ({ files }: Pick<ArtifactManifest, 'files'>): Digest[] =>
  files.filter(({ path }) => path.endsWith('.safetensors')).map(({ digest }) => digest);
