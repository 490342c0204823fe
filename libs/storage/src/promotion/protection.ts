import {
  outOfBounds,
  TemperError,
  type Approval,
  type ArtifactManifest,
  type Bounds,
  type DecisionInput,
  type Metrics,
  type ModelVersion,
} from '@temper/contracts';
import { approvalKey, protectionKey, protectionPrefix } from '../keys.js';
import { readManifest } from '../manifest.js';
import type { ObjectStore } from '../object-store.js';
import { parseSealed, sealedJson } from '../seal.js';
import { isConflict } from '../write.js';

/** What a version must have before it takes an alias. */
export interface Protection {
  /** Somebody's approval: of its run (`publish.approval`), or given to the version later. */
  readonly approval: boolean;
  /** Bounds of the metrics of the test split. */
  readonly gate: Bounds;
  readonly by: string;
  readonly at: string;
}

/** Protected aliases of models, and approvals of versions. */
export class Protections {
  constructor(private readonly store: ObjectStore) {}

  async protect(name: string, alias: string, given: Omit<Protection, 'at'>): Promise<Protection> {
    const protection = { ...given, at: new Date().toISOString() };
    await this.store.put(protectionKey(name, alias), sealedJson(protection));
    return protection;
  }

  async unprotect(name: string, alias: string): Promise<void> {
    await this.store.delete(protectionKey(name, alias));
  }

  async of(name: string, alias: string): Promise<Protection | undefined> {
    return this.#json(protectionKey(name, alias));
  }

  /** alias -> what it asks for */
  async all(name: string): Promise<Record<string, Protection>> {
    const prefix = protectionPrefix(name);
    const found: Record<string, Protection> = {};
    for await (const { key } of this.store.list(prefix)) {
      const alias = key.slice(prefix.length).replace(/\.json$/, '');
      const protection = await this.of(name, alias);
      if (protection) found[alias] = protection;
    }
    return found;
  }

  /** Of the first who approves it: a version is approved once. */
  async approve({ name, version }: ModelVersion, { by, comment }: DecisionInput): Promise<Approval> {
    const said = comment === undefined ? {} : { comment };
    const approval: Approval = { decision: 'approved', by, ...said, at: new Date().toISOString() };
    const key = approvalKey(name, version);
    try {
      await this.store.put(key, sealedJson(approval), { ifNoneMatch: '*' });
      return approval;
    } catch (error) {
      const earlier = isConflict(error) ? await this.#json<Approval>(key) : undefined;
      if (earlier) return earlier;
      throw error;
    }
  }

  /** That of its run, or the later one. */
  async approvalOf(
    { name, version }: ModelVersion,
    { meta }: Pick<ArtifactManifest<'model'>, 'meta'>,
  ): Promise<Approval | undefined> {
    return meta.lineage?.approval ?? (await this.#json(approvalKey(name, version)));
  }

  /** @throws TemperError GATE_REFUSED, APPROVAL_MISSING: why the version may not take the alias */
  async require(version: ModelVersion, alias: string): Promise<void> {
    const protection = await this.of(version.name, alias);
    if (!protection) return;
    const manifest = (await readManifest(
      this.store,
      version.artifact.digest,
    )) as unknown as ArtifactManifest<'model'>;
    const to = `${version.name}@${alias}`;
    const outside = outOfBounds(protection.gate, testMetrics(manifest.meta.metrics));
    if (outside.length)
      throw new TemperError(
        'GATE_REFUSED',
        outside.map(({ metric, value, rule }) => ({
          path: to,
          message: `${metric} of version ${version.version} does not pass the gate of this alias`,
          found: String(value),
          allowed: rule,
        })),
      );
    if (protection.approval && !(await this.approvalOf(version, manifest)))
      throw new TemperError('APPROVAL_MISSING', {
        path: to,
        message: `version ${version.version} was approved by nobody, and this alias asks for it`,
        found: `protected by ${protection.by}, ${protection.at}`,
        hint: `temper models approve ${version.name}:${version.version}, then promote it`,
      });
  }

  async #json<T>(key: string): Promise<T | undefined> {
    const found = await this.store.get(key);
    return found && parseSealed<T>(found);
  }
}

/** Where splits are told apart, those of the test split. */
const testMetrics = (metrics: Metrics): Metrics =>
  typeof metrics['test'] === 'object' && metrics['test'] !== null ? (metrics['test'] as Metrics) : metrics;
