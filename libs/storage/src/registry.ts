import { nearest, specNamePattern, TemperError, type ModelVersion } from '@temper/contracts';
import { aliasPrefix, deletedPrefix, versionKey, versionPrefix } from './keys.js';
import { parseModelName } from './model-name.js';
import type { ObjectStore } from './object-store.js';
import { eachLimited } from './parallel.js';
import { Alias, type AliasTarget, type Moving } from './promotion/alias.js';
import { Protections } from './promotion/protection.js';
import { signingFrom, type SigningSettings } from './signing/settings.js';
import { Signatures } from './signing/signatures.js';
import { parseSealed, sealedJson } from './seal.js';
import { isConflict, putConditional } from './write.js';

export type ModelVersionDraft = Pick<ModelVersion, 'digest' | 'artifact' | 'runId' | 'metrics'>;

/**
 * Names, numbered versions and aliases of models. Versions are written once; aliases move by conditional writes, to what
 * their protection and the trusted keys let through.
 */
export class Registry {
  readonly signatures: Signatures;
  readonly protections: Protections;

  /** `signing`: by default what the environment of this process names. */
  constructor(
    private readonly store: ObjectStore,
    readonly signing: SigningSettings = signingFrom(process.env),
  ) {
    this.signatures = new Signatures(store, signing.trusted);
    this.protections = new Protections(store);
  }

  /**
   * Adds a version under the next free number: publishers race with If-None-Match and the losers try the next one.
   * The same run publishing the same model again (a retry whose answer was lost) gets its first version, and so does whoever
   * publishes what `isEqual` says is in a version.
   */
  async publish(
    name: string,
    draft: ModelVersionDraft,
    isEqual: (version: ModelVersion) => Promise<boolean> = async () => false,
  ): Promise<ModelVersion> {
    checkName('model', name);
    const isOwn = (v: ModelVersion) => v.runId === draft.runId && v.digest === draft.digest;
    const same = async (v: ModelVersion) => isOwn(v) || (await isEqual(v));
    const earlier = await this.versions(name);
    const published = await firstOf(earlier, same);
    if (published) return published;
    const createdAt = new Date().toISOString();
    const deleted = await this.#numbers(deletedPrefix(name));
    for (let version = Math.max(0, earlier.at(-1)?.version ?? 0, ...deleted) + 1; ; version++) {
      const { digest, artifact, runId, metrics } = draft;
      const entry = { name, version, digest, uri: artifact.uri, artifact, runId, createdAt, metrics };
      const bytes = sealedJson(entry);
      try {
        await putConditional(this.store, versionKey(name, version), bytes, { ifNoneMatch: '*' });
        return entry;
      } catch (error) {
        if (!isConflict(error)) throw error;
        const winner = await this.#version(name, version);
        if (winner && (await same(winner))) return winner;
      }
    }
  }

  /** The first version that is so. */
  async find(
    name: string,
    is: (version: ModelVersion) => Promise<boolean>,
  ): Promise<ModelVersion | undefined> {
    return firstOf(await this.versions(name), is);
  }

  /** All versions, oldest first; empty for an unknown name. */
  async versions(name: string): Promise<ModelVersion[]> {
    const numbers = await this.#numbers(versionPrefix(name));
    const found = await eachLimited(numbers, 8, (number) => this.#version(name, number));
    return found.filter((version) => version !== undefined);
  }

  async names(): Promise<string[]> {
    const names = new Set<string>();
    for await (const { key } of this.store.list('registry/models/')) {
      const [, , name, what] = key.split('/');
      if (what === 'versions') names.add(name!);
    }
    return [...names].sort();
  }

  /** Of `NAME` (its newest version), `NAME@ALIAS` or `NAME:VERSION`, with or without `model:` before it. */
  async resolve(reference: string): Promise<ModelVersion> {
    const { name, alias, version } = parseModelName(reference);
    // Anything else is no key: `tiny@..` would be asked of the store as another one.
    if (!specNamePattern.test(name)) return this.#unknownName(reference, name);
    if (version === undefined && alias === undefined) {
      const newest = (await this.versions(name)).at(-1);
      return newest ?? this.#unknownName(reference, name);
    }
    const number = version ?? (await this.alias(name, alias!))?.version;
    const found = number === undefined ? undefined : await this.#version(name, number);
    if (found) return found;
    const versions = await this.versions(name);
    if (!versions.length) return this.#unknownName(reference, name);
    const aliases = Object.keys(await this.aliases(name));
    throw notFound(
      reference,
      alias === undefined ? `${name} has no version ${version}` : `${name} has no alias ${alias}`,
      alias === undefined ? versions.map((v) => String(v.version)) : aliases,
      alias,
    );
  }

  /**
   * What `resolve` finds, to be used: where trusted keys are asked for, one of them has signed it as it is.
   * @throws TemperError as `resolve`, and MODEL_UNSIGNED, SIGNER_UNTRUSTED, MODEL_CHANGED
   */
  async load(reference: string): Promise<ModelVersion> {
    const version = await this.resolve(reference);
    await this.signatures.require(version);
    return version;
  }

  /**
   * Points an alias at an existing version, each move atomic.
   * @throws TemperError GATE_REFUSED, APPROVAL_MISSING by the alias's protection; MODEL_UNSIGNED, SIGNER_UNTRUSTED, MODEL_CHANGED
   * by trusted keys; PROMOTION_LOST with the winner, of a move that is to be alone
   */
  async moveAlias(name: string, alias: string, version: number, how: Moving = {}): Promise<AliasTarget> {
    checkName('alias', alias);
    return new Alias(this.store, name, alias).move(() => this.#allowed(name, alias, version), how);
  }

  /**
   * Points an alias back at the version before, under the same conditions. A second rollback goes forth again.
   * @throws TemperError NOT_FOUND where it never pointed at another one
   */
  async rollback(name: string, alias: string, how: Moving = {}): Promise<AliasTarget> {
    return new Alias(this.store, name, alias).move(async (current) => {
      if (!current) await this.resolve(`${name}@${alias}`);
      const previous = current?.previous;
      if (previous === undefined)
        throw notFound(`${name}@${alias}`, 'the alias was nowhere before', ['temper models promote']);
      return this.#allowed(name, alias, previous);
    }, how);
  }

  async #allowed(name: string, alias: string, number: number): Promise<number> {
    const version = await this.resolve(`${name}:${number}`);
    await this.protections.require(version, alias);
    if (this.signing.trusted !== undefined) await this.signatures.verify(version);
    return number;
  }

  async alias(name: string, alias: string): Promise<AliasTarget | undefined> {
    if (!specNamePattern.test(alias)) return undefined;
    return new Alias(this.store, name, alias).read();
  }

  /** alias -> what it points at */
  async aliases(name: string): Promise<Record<string, AliasTarget>> {
    const prefix = aliasPrefix(name);
    const result: Record<string, AliasTarget> = {};
    for await (const { key } of this.store.list(prefix)) {
      const alias = key.slice(prefix.length);
      const target = await this.alias(name, alias);
      if (target) result[alias] = target;
    }
    return result;
  }

  async #numbers(prefix: string): Promise<number[]> {
    const numbers: number[] = [];
    for await (const { key } of this.store.list(prefix)) {
      const number = /\/(\d+)\.json$/.exec(key)?.[1];
      if (number) numbers.push(Number(number));
    }
    return numbers.sort((a, b) => a - b);
  }

  async #version(name: string, version: number): Promise<ModelVersion | undefined> {
    const found = await this.store.get(versionKey(name, version));
    return found && parseSealed<ModelVersion>(found);
  }

  async #unknownName(reference: string, name: string): Promise<never> {
    throw notFound(reference, `the registry has no model ${name}`, await this.names(), name);
  }
}

async function firstOf<T>(items: readonly T[], is: (item: T) => Promise<boolean>): Promise<T | undefined> {
  for (const item of items) if (await is(item)) return item;
  return undefined;
}

function notFound(path: string, message: string, allowed: readonly string[], wanted?: string): TemperError {
  const near = wanted === undefined ? undefined : nearest(wanted, allowed);
  return new TemperError('NOT_FOUND', {
    path,
    message,
    allowed: allowed.length ? allowed.join(', ') : 'nothing is published yet',
    ...(near ? { hint: `did you mean ${near}?` } : {}),
  });
}

function checkName(what: string, name: string): void {
  if (specNamePattern.test(name)) return;
  throw new TemperError('SPEC_INVALID', {
    path: `publish.${what}`,
    message: `not a name that ${what === 'model' ? 'a model' : 'an alias'} can have`,
    found: JSON.stringify(name),
    allowed: 'letters, digits, ".", "_" and "-", at most 63',
  });
}
