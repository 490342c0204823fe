import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type ConnectionLike, type WorkflowClientInterceptor } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { dataConverterFrom } from '@temper/codec';
import {
  TemperError,
  type CheckpointEntry,
  type ControlAnswer,
  type ControlInput,
  type DecisionInput,
  type ChangeInput,
  type Digest,
  type EngineIdentity,
  type ForkOrigin,
  type MetricLine,
  type ModelMeta,
  type ModelVersion,
  type Provider,
  type RunResult,
  type StageName,
} from '@temper/contracts';
import { type PipelineSpec, type PipelineSpecInput } from '@temper/spec';
import {
  ArtifactStore,
  heldBy,
  Registry,
  RunStore,
  secureArtifact,
  takenBy,
  takenWords,
  type ObjectStore,
} from '@temper/storage';
import { Builds } from './builds.js';
import { compareVersions, type VersionComparison } from './compare.js';
import { Collections } from './collections.js';
import { connectTemporal, type Environment } from './connect.js';
import { chooseCheckpoint, forkSpec, specAt } from './fork.js';
import { follow, type FollowOptions, type RunSnapshot } from './follow.js';
import { installationOf, type Installation, type InstallationOptions } from './installation.js';
import { Models } from './models.js';
import { readyPipeline, type Placed, type ReadyOptions } from './pipeline/define.js';
import { storeSources } from './pipeline/store-sources.js';
import { newRunId } from './run-id.js';
import { rebuildInput, secureOrigins, type Rebuilding, type RebuildOptions } from './rebuild.js';
import { Runs, type ListRuns, type RunDetail, type RunSummary } from './runs.js';
import { Schedules } from './schedules.js';
import { StoredSources } from './stored.js';
import { Sweeps } from './sweeps.js';
import { namedUser } from './user-name.js';
import { specOfVersion } from './version-spec.js';
import { activeWorkers } from './workers.js';

export interface ConnectOptions extends InstallationOptions {
  /** Where `TEMPORAL_*` are read from. */
  readonly environment?: Environment;
  /** Wins over `TEMPORAL_ADDRESS`. */
  readonly address?: string;
  /** For metrics and the registry; not needed to submit and follow. */
  readonly store?: ObjectStore;
  /** Of the Temporal client, e.g. for tracing. */
  readonly interceptors?: readonly WorkflowClientInterceptor[] | undefined;
  /** That of the workers. Default: of the keys in `TEMPER_PAYLOAD_KEYS`. */
  readonly dataConverter?: DataConverter | undefined;
}

/** Of a client over somebody else's connection. */
export interface OverOptions extends InstallationOptions {
  /** For metrics and models; not needed to submit and follow. */
  readonly store?: ObjectStore | undefined;
  /** Of a connection; default `default`. A Temporal client has its own. */
  readonly namespace?: string | undefined;
  /** Of a connection, as in `ConnectOptions`. A Temporal client has its own. */
  readonly dataConverter?: DataConverter | undefined;
}

export interface SubmitOptions extends ReadyOptions {
  /** Do without cached stages. */
  readonly fresh?: boolean | undefined;
  /** Default: a new one. What was stored under it before (`heldBy`) is kept as long as the run goes on. */
  readonly runId?: string | undefined;
}

export interface UploadOptions extends Placed {
  /** Of the run or sweep that is to read it (`newRunId`): its files are held in that name before the first byte goes up. */
  readonly runId?: string | undefined;
}

/** Who asks is the user of this process unless `by` says it. */
export type Asked<T extends ControlInput> = Omit<T, 'by'> & Partial<Pick<T, 'by'>>;

/**
 * Submits pipelines, follows and controls their runs, reads the registry.
 *
 *     await using temper = await TemperClient.connect({ store: createS3Store() });
 *     const runId = await temper.submit({ name: 'mail', model: { base: './minilm' }, dataset: { train: 'mail.csv' } });
 *     for await (const snapshot of temper.follow(runId)) console.log(snapshot.progress);
 */
export class TemperClient implements AsyncDisposable {
  readonly schedules: Schedules;
  readonly builds: Builds;
  readonly sweeps: Sweeps;
  /** Of what nothing in the store needs, by the clock. */
  readonly collections: Collections;
  readonly #runs: Runs;

  private constructor(
    readonly temporal: Client,
    readonly connection: ConnectionLike,
    /** Undefined over a connection that this client did not make. */
    readonly address: string | undefined,
    readonly store: ObjectStore | undefined,
    /** Names in Temporal of this installation, and how it has its work done. */
    readonly installation: Installation,
  ) {
    const stored = new StoredSources(store);
    this.#runs = new Runs(temporal, connection, installation, stored);
    this.schedules = new Schedules(temporal, installation, stored);
    this.builds = new Builds(temporal, installation.queues);
    this.collections = new Collections(temporal, installation);
    this.sweeps = new Sweeps(temporal, connection, installation, stored);
  }

  /** Connects as `TEMPORAL_*` and the options say; closes the connection when it is disposed. */
  static async connect(options: ConnectOptions = {}): Promise<TemperClient> {
    const { environment, address, store, interceptors, dataConverter } = options;
    const installation = installationOf(options, environment ?? process.env);
    const temporal = await connectTemporal(environment, address, interceptors, dataConverter);
    return new TemperClient(temporal.client, temporal.connection, temporal.address, store, installation);
  }

  /** Over a Temporal client or connection of the program's own (with its codec and interceptors), which stays open. */
  static over(temporal: Client | ConnectionLike, options: OverOptions = {}): TemperClient {
    const { store, namespace = 'default', dataConverter = dataConverterFrom(process.env) } = options;
    const installation = installationOf(options, process.env);
    const client =
      temporal instanceof Client ? temporal : new Client({ connection: temporal, namespace, dataConverter });
    return new TemperClient(client, client.connection, undefined, store, installation);
  }

  /**
   * Starts a run and returns its id. Local paths are relative to `folder`; the files must be there, unless `check: false`
   * leaves them to the workers; `unchecked` lets the ingest stage look at them as the command line does before it submits.
   * What was stored of files (`stored:…`) is kept until the run has ended, however long it waits.
   * @throws TemperError SPEC_INVALID with all mistakes and all missing files, NOT_FOUND where stored files are gone; nothing is
   * queued then.
   */
  async submit(
    spec: PipelineSpecInput,
    { fresh, unchecked, runId, ...ready }: SubmitOptions = {},
  ): Promise<string> {
    const checked = await readyPipeline(spec, ready);
    return this.#runs.start({
      ...(runId === undefined ? {} : { runId }),
      spec: checked,
      ...(fresh === undefined ? {} : { fresh }),
      ...(unchecked ? { unchecked } : {}),
    });
  }

  /**
   * Local files and folders that a pipeline names, stored by content (once) for workers that do not see this machine. To be
   * submitted, scheduled or searched is the pipeline that is returned: it names what was stored. It stays for the grace period of
   * collections (an hour), or as long as what is submitted under `runId` goes on.
   */
  async upload(spec: PipelineSpecInput, { runId, ...options }: UploadOptions = {}): Promise<PipelineSpec> {
    const checked = await readyPipeline(spec, options);
    const cacheFolder = await mkdtemp(join(tmpdir(), 'temper-upload-'));
    try {
      const artifacts = new ArtifactStore(this.#store(), { cacheFolder });
      const store = () => storeSources(checked, { artifacts, cacheFolder });
      return (await (runId === undefined ? store() : heldBy(runId, store))).spec;
    } finally {
      await rm(cacheFolder, { recursive: true, force: true });
    }
  }

  follow(runId: string, options?: FollowOptions): AsyncGenerator<RunSnapshot> {
    return follow(this.temporal, this.connection, runId, options);
  }

  /** Waits for the end. */
  async result(runId: string, onProgress?: (snapshot: RunSnapshot) => void): Promise<RunResult> {
    for await (const snapshot of this.follow(runId)) {
      onProgress?.(snapshot);
      if (snapshot.result) return snapshot.result;
    }
    throw new Error('unreachable: follow without a signal ends with a result');
  }

  list(options?: ListRuns): Promise<RunSummary[]> {
    return this.#runs.list(options);
  }

  show(runId: string): Promise<RunDetail> {
    return this.#runs.show(runId);
  }

  cancel(runId: string): Promise<void> {
    return this.#runs.cancel(runId);
  }

  /** From its last checkpoint; with `from`, that stage and all after it are done again. */
  retry(runId: string, options?: { readonly from?: StageName | undefined }): Promise<boolean> {
    return this.#runs.retry(runId, options);
  }

  /** Resolves when training has written its checkpoint and its device is free, or at once where a stage ends first. */
  pause(runId: string, input: Asked<ControlInput> = {}): Promise<ControlAnswer> {
    return this.#runs.control(runId, 'pause', named(input));
  }

  resume(runId: string, input: Asked<ControlInput> = {}): Promise<ControlAnswer> {
    return this.#runs.control(runId, 'resume', named(input));
  }

  /** Other settings from the next step boundary on; `stop` ends training there. */
  change(runId: string, input: Asked<ChangeInput>): Promise<ControlAnswer> {
    return this.#runs.control(runId, 'change', named(input));
  }

  /** The decision that a run with `publish.approval` waits for. */
  approve(runId: string, input: Asked<DecisionInput> = {}): Promise<ControlAnswer> {
    return this.#runs.control(runId, 'approve', named(input));
  }

  reject(runId: string, input: Asked<DecisionInput> = {}): Promise<ControlAnswer> {
    return this.#runs.control(runId, 'reject', named(input));
  }

  /** Checkpoints of the run's newest training, in the order of steps. */
  checkpoints(runId: string): Promise<CheckpointEntry[]> {
    return new RunStore(this.#store()).checkpoints(runId);
  }

  /**
   * A new run that trains on from a checkpoint of another (the newest, or that of `step`) with changed settings; returns
   * its id. `edit` gets the settings as they were at the checkpoint.
   */
  async fork(
    runId: string,
    {
      step,
      edit = (spec) => spec,
    }: { readonly step?: number | undefined; edit?: (spec: PipelineSpec) => unknown } = {},
  ): Promise<{ readonly runId: string; readonly spec: PipelineSpec; readonly fork: ForkOrigin }> {
    const { spec: original } = await this.show(runId);
    const { checkpoint, ...entry } = chooseCheckpoint(runId, await this.checkpoints(runId), step);
    const fork: ForkOrigin = { runId, step: entry.step, checkpoint };
    const before = specAt(original!, entry.changes);
    const spec = forkSpec(before, edit(structuredClone(before)), fork);
    const forked = newRunId(spec.name);
    await this.#secure(forked, fork);
    return { runId: await this.#runs.start({ runId: forked, spec, fork }), spec, fork };
  }

  /**
   * A new run that makes a published version again from its lineage alone; the result's `rebuilt` says whether it is equal. Nothing is
   * published. Where another engine or other code would train, the run fails with ENGINE_DIFFERS before it trains, unless `anyway`.
   * @throws TemperError NOT_FOUND with what retention took of the lineage; BLOB_CORRUPT with what was changed in the store
   */
  async rebuild(reference: string, options: RebuildOptions = {}): Promise<Rebuilding> {
    const artifacts = this.#manifests();
    const version = await this.registry.resolve(reference);
    const { meta } = await artifacts.manifest(version.artifact);
    const kept = await this.#specOf(version, meta);
    const input = rebuildInput(version, meta, kept, { ...options, artifacts });
    const { spec, fork, rebuild } = input;
    const runId = newRunId(`rebuild-${version.name}`);
    if (fork) await this.#secure(runId, fork);
    const origins = [...Object.values(rebuild.pinned), ...(fork ? [fork.checkpoint] : [])];
    await heldBy(runId, () => secureOrigins(artifacts, origins));
    await this.#runs.start({ ...input, runId });
    return { runId, version, spec, lineage: meta.lineage };
  }

  /** Two versions, by references of any kind: what they were made from and by, and their metrics side by side. */
  async compare(a: string, b: string): Promise<VersionComparison> {
    const made = async (reference: string) => {
      const version = await this.registry.resolve(reference);
      const { meta, files } = await this.#manifests().manifest(version.artifact);
      const spec = await this.#specOf(version, meta).catch(noneThere);
      return { version, meta, spec, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
    };
    return compareVersions(await made(a), await made(b));
  }

  /** What trained a run, as far as it has come; undefined before its first checkpoint, and where 0.1.0 trained it. */
  async engine({
    runId,
    checkpoint,
  }: Pick<RunResult, 'runId' | 'checkpoint'>): Promise<EngineIdentity | undefined> {
    const ref = checkpoint ?? (await this.checkpoints(runId)).at(-1)?.checkpoint;
    return ref && (await this.#manifests().manifest(ref).catch(noneThere))?.meta.engine;
  }

  /** The digests of the graphs that trained a run, by name, as its key in the stage cache has them; undefined where `engine` is. */
  async graphs({
    runId,
    checkpoint,
  }: Pick<RunResult, 'runId' | 'checkpoint'>): Promise<Readonly<Record<string, Digest>> | undefined> {
    const ref = checkpoint ?? (await this.checkpoints(runId)).at(-1)?.checkpoint;
    const manifests = this.#manifests();
    const digest = ref && (await manifests.manifest(ref).catch(noneThere))?.meta.graphs;
    const kept = digest && (await manifests.manifest(manifests.ref('graphs', digest)).catch(noneThere));
    return kept && Object.fromEntries(kept.files.map((file) => [file.path, file.digest]));
  }

  /** Every logged step and evaluation, in order, each once even where steps were repeated after a crash. */
  metrics(runId: string): Promise<MetricLine[]> {
    return new RunStore(this.#store()).readAll(runId);
  }

  get registry(): Registry {
    return new Registry(this.#store());
  }

  /** Published models: versions, aliases, lineage. */
  get models(): Models {
    return new Models(this.registry, this.#manifests());
  }

  /** Workers that have polled the pool's queue within the last minute and a bit. */
  workers(pool: Provider = 'cpu'): Promise<string[]> {
    return activeWorkers(this.temporal, pool, this.installation.queues);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.address !== undefined) await this.connection.close();
  }

  #specOf(version: ModelVersion, { lineage }: ModelMeta): Promise<PipelineSpec> {
    const ofRun = async (runId: string) => (await this.show(runId)).spec;
    return specOfVersion(this.#store(), version, lineage.spec, ofRun);
  }

  /** The run that is about to begin needs all of the checkpoint: it is held in its name. */
  async #secure(forked: string, { runId, step, checkpoint }: ForkOrigin): Promise<void> {
    const store = this.#store();
    if (await heldBy(forked, () => secureArtifact(store, checkpoint))) return;
    const taken = await takenBy(store, checkpoint);
    throw new TemperError('NOT_FOUND', {
      path: runId,
      message: `the checkpoint of step ${step} is not there any more, or not whole`,
      ...(taken ? { found: takenWords(taken) } : {}),
      hint: 'retention.checkpoints in the spec says how many stay; the last one of a run always does',
    });
  }

  /** Read from the store itself: nothing is ever put into the folder. */
  #manifests(): ArtifactStore {
    return new ArtifactStore(this.#store(), { cacheFolder: join(tmpdir(), 'temper-client') });
  }

  #store(): ObjectStore {
    if (this.store) return this.store;
    throw new TemperError('STORE_UNAVAILABLE', {
      path: 'store',
      message: 'this client was connected without an object store',
      hint: 'TemperClient.connect({store: createS3Store()})',
    });
  }
}

function named<T extends ControlInput>(input: Asked<T>): T {
  return { ...input, by: input.by ?? namedUser() } as T;
}

/** Retention may have taken it. */
function noneThere(error: unknown): undefined {
  if (error instanceof TemperError && error.code === 'NOT_FOUND') return undefined;
  throw error;
}
