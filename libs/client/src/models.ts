import type { ArtifactFile, ModelMeta, ModelVersion } from '@temper/contracts';
import { lineageOf, type Registry, type AliasTarget, type Lineage, type Manifests } from '@temper/storage';

export interface ModelEntry {
  readonly name: string;
  /** alias -> version */
  readonly aliases: Readonly<Record<string, number>>;
  /** Oldest first. */
  readonly versions: readonly ModelVersion[];
}

/** A version with what its artifact says of it. */
export interface ModelDetail extends ModelVersion {
  /** Those that point at this version. */
  readonly aliases: readonly string[];
  readonly meta: ModelMeta;
  readonly files: readonly ArtifactFile[];
}

export interface Promotion {
  readonly name: string;
  readonly alias: string;
  readonly version: number;
  /** Where the alias pointed before; what a rollback goes back to. */
  readonly previous?: number | undefined;
}

/**
 * Published models. A reference is `NAME` (its newest version), `NAME@ALIAS` or `NAME:VERSION`; one that names nothing is
 * NOT_FOUND with the nearest name.
 */
export class Models {
  readonly #registry: Registry;
  readonly #manifests: Manifests;
  constructor(registry: Registry, manifests: Manifests) {
    this.#registry = registry;
    this.#manifests = manifests;
  }

  async list(): Promise<ModelEntry[]> {
    return Promise.all(
      (await this.#registry.names()).map(async (name) => {
        const [versions, targets] = await Promise.all([this.#registry.versions(name), this.aliases(name)]);
        const aliases = Object.fromEntries(Object.entries(targets).map(([alias, t]) => [alias, t.version]));
        return { name, aliases, versions };
      }),
    );
  }

  async get(reference: string): Promise<ModelDetail> {
    const version = await this.#registry.resolve(reference);
    const [{ files, meta }, targets] = await Promise.all([
      this.#manifests.manifest(version.artifact),
      this.aliases(version.name),
    ]);
    const aliases = Object.keys(targets).filter((alias) => targets[alias]!.version === version.version);
    return { ...version, aliases, meta, files };
  }

  /** alias -> what it points at, since when, and where it pointed before */
  aliases(name: string): Promise<Record<string, AliasTarget>> {
    return this.#registry.aliases(name);
  }

  /** Points an alias at a version; of several who do so at once the last wins, and each move is whole. */
  async promote(reference: string, alias = 'production'): Promise<Promotion> {
    const { name, version } = await this.#registry.resolve(reference);
    const { previous } = await this.#registry.moveAlias(name, alias, version);
    return { name, alias, version, previous };
  }

  /** Everything that a version was made from, each manifest verified against its digest. */
  async lineage(reference: string): Promise<Lineage> {
    const { artifact } = await this.#registry.resolve(reference);
    return lineageOf(this.#manifests, artifact);
  }
}
