import type {
  Approval,
  ArtifactFile,
  Bounds,
  DecisionInput,
  ModelMeta,
  ModelVersion,
} from '@temper/contracts';
import {
  lineageOf,
  readSigner,
  type Registry,
  type AliasMove,
  type AliasTarget,
  type Lineage,
  type Manifests,
  type Protection,
  type SignatureState,
  type VerifiedSignature,
} from '@temper/storage';
import { namedUser, userInWords } from './user-name.js';

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
  /** Whether it is signed, and by a key that is trusted here. */
  readonly signature: SignatureState;
  /** Of its run, or given to it later. */
  readonly approval?: Approval | undefined;
  readonly files: readonly ArtifactFile[];
}

export interface Promotion {
  readonly name: string;
  readonly alias: string;
  readonly version: number;
  /** Where the alias pointed before; what a rollback goes back to. */
  readonly previous?: number | undefined;
}

interface By {
  /** Default: the user of this process. */
  readonly by?: string | undefined;
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
    const [manifest, targets, signature] = await Promise.all([
      this.#manifests.manifest(version.artifact),
      this.aliases(version.name),
      this.#registry.signatures.state(version),
    ]);
    const aliases = Object.keys(targets).filter((alias) => targets[alias]!.version === version.version);
    const approval = await this.#registry.protections.approvalOf(version, manifest);
    const { meta, files } = manifest;
    return { ...version, aliases, meta, signature, ...(approval ? { approval } : {}), files };
  }

  /** alias -> what it points at, since when, and where it pointed before */
  aliases(name: string): Promise<Record<string, AliasTarget>> {
    return this.#registry.aliases(name);
  }

  /**
   * Points an alias at a version. Of several who do so at once one wins, and the others are told who.
   * @throws TemperError GATE_REFUSED, APPROVAL_MISSING where the alias is protected; MODEL_UNSIGNED, SIGNER_UNTRUSTED, MODEL_CHANGED
   * where trusted keys are asked for; PROMOTION_LOST with the winner
   */
  async promote(
    reference: string,
    alias = 'production',
    { by = userInWords() }: By = {},
  ): Promise<Promotion> {
    const { name, version } = await this.#registry.resolve(reference);
    const moved = await this.#registry.moveAlias(name, alias, version, { by, alone: true });
    return { name, alias, version, previous: moved.previous };
  }

  /** Points an alias back at the version before, under the same conditions. @throws TemperError as `promote` */
  async rollback(name: string, alias = 'production', { by = userInWords() }: By = {}): Promise<Promotion> {
    const { version, previous } = await this.#registry.rollback(name, alias, { by, alone: true });
    return { name, alias, version, previous };
  }

  /** The moves of an alias, the newest first; of the last hundred. */
  async history(name: string, alias = 'production'): Promise<AliasMove[]> {
    const target = (await this.#registry.aliases(name))[alias];
    if (!target) await this.#registry.resolve(`${name}@${alias}`);
    const { history = [], previous: _, ...last } = target!;
    return [last, ...history];
  }

  /** What a version must have before it takes an alias; `undefined` lets every version take it again. */
  async protect(
    name: string,
    alias: string,
    asked: { readonly approval?: boolean; readonly gate?: Bounds } | undefined,
    { by = userInWords() }: By = {},
  ): Promise<Protection | undefined> {
    await this.#registry.resolve(name);
    if (asked) {
      const { approval = false, gate = {} } = asked;
      return this.#registry.protections.protect(name, alias, { approval, gate, by });
    }
    await this.#registry.protections.unprotect(name, alias);
    return undefined;
  }

  /** alias -> what it asks for */
  protections(name: string): Promise<Record<string, Protection>> {
    return this.#registry.protections.all(name);
  }

  /** Lets a version take protected aliases. Returns the approval that it has, which may be an earlier one. */
  async approve(
    reference: string,
    { by = namedUser(), comment }: Partial<DecisionInput> = {},
  ): Promise<Approval & { readonly name: string; readonly version: number }> {
    const found = await this.#registry.resolve(reference);
    const earlier = (await this.get(reference)).approval;
    const approval = earlier ?? (await this.#registry.protections.approve(found, { by, comment }));
    return { name: found.name, version: found.version, ...approval };
  }

  /** Signs a version with the private key in a file of this machine. Returns the key's id. */
  async sign(reference: string, keyFile: string): Promise<ModelVersion & { readonly keyId: string }> {
    const signer = await readSigner(keyFile);
    const version = await this.#registry.resolve(reference);
    await this.#registry.signatures.sign(version, signer);
    return { ...version, keyId: signer.id };
  }

  /**
   * Reads every byte of a version, and holds it to its signature where trusted keys are asked for.
   * @throws TemperError MODEL_UNSIGNED, SIGNER_UNTRUSTED, MODEL_CHANGED with each file that is another one
   */
  async verify(
    reference: string,
  ): Promise<ModelVersion & { readonly signature: VerifiedSignature | undefined }> {
    const version = await this.#registry.resolve(reference);
    return { ...version, signature: await this.#registry.signatures.verify(version) };
  }

  /** Everything that a version was made from, each manifest verified against its digest. */
  async lineage(reference: string): Promise<Lineage> {
    const { artifact } = await this.#registry.resolve(reference);
    return lineageOf(this.#manifests, artifact);
  }
}
