import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MetricLine, Provider } from '@temper/contracts';
import type { StopAt } from '@temper/spec';
import { createSessionFactory } from '@temper/onnxruntime';
import { ArtifactStore, MemoryStore, RunStore } from '@temper/storage';
import {
  evaluateModel,
  graphDigests,
  train,
  type EvaluateResult,
  type GraphDigests,
  type Session,
  type SessionFactory,
  type TrainerEvent,
  type TrainJob,
  type TrainResult,
} from '@temper/training';
import { storeInputs, type TokenTraining } from '../parity/store-inputs.js';

export interface TinySettings extends TokenTraining {
  readonly provider?: Provider;
  readonly threads?: number;
  readonly runId?: string;
}

/** One run of a tiny model over a store in memory; `train` may be called again, as another attempt would. */
export class TinyRun implements AsyncDisposable {
  private attempt = 0;

  private constructor(
    private readonly settings: TinySettings,
    private readonly folder: string,
    readonly artifacts: ArtifactStore,
    private readonly inputs: Awaited<ReturnType<typeof storeInputs>>,
  ) {}

  /** `store`: of other runs, too. */
  static async start(settings: TinySettings, store = new MemoryStore()): Promise<TinyRun> {
    const folder = await mkdtemp(join(tmpdir(), 'temper-tiny-'));
    const artifacts = new ArtifactStore(store, { cacheFolder: join(folder, 'cache') });
    return new TinyRun(settings, folder, artifacts, await storeInputs(settings, artifacts, folder));
  }

  /** Where this machine keeps verified blobs. */
  get cacheFolder() {
    return join(this.folder, 'cache');
  }

  get spec() {
    return this.inputs.spec;
  }

  get baseModel() {
    return this.inputs.baseModel;
  }

  get tokens() {
    return this.inputs.tokens;
  }

  /** `interrupted` is asked at step boundaries; `runs` is after how many graph runs everything dies (throws `killed`). */
  async train(
    hooks: {
      interrupted?: (step: number) => boolean;
      runs?: number;
      stopAt?: StopAt;
      machine?: SessionFactory['machine'];
      report?: (event: TrainerEvent) => void;
    } = {},
    more: Partial<TrainJob> = {},
  ): Promise<TrainResult> {
    const { interrupted = () => false, runs = Infinity, stopAt, machine, report = () => undefined } = hooks;
    const ports = { ...this.ports(runs), report };
    const sessions = { ...ports.sessions, ...(machine ? { machine } : {}) };
    return train({ ...this.job(), ...more, kind: 'train', stopAt }, { ...ports, sessions, interrupted });
  }

  async evaluate(
    checkpoint: TrainResult['checkpoint'],
    fresh = false,
    more: Partial<TrainJob> = {},
  ): Promise<EvaluateResult> {
    return evaluateModel({ ...this.job(), ...more, kind: 'evaluate', checkpoint, fresh }, this.ports());
  }

  /** Of the graphs that it would run. */
  graphDigests(more: Partial<TrainJob> = {}): Promise<GraphDigests> {
    const { sessions } = this.ports();
    const job = { ...this.job(), ...more };
    return graphDigests({ ...job, kind: 'graphs' }, { artifacts: this.artifacts, adapt: sessions.adapt });
  }

  get runs(): RunStore {
    return new RunStore(this.artifacts.store);
  }

  lines(runId = 'tiny'): Promise<MetricLine[]> {
    return this.runs.readAll(runId);
  }

  /** The checkpoint's files by name, with the digests of their content. */
  async digests(checkpoint: TrainResult['checkpoint']): Promise<Record<string, string>> {
    const { files } = await this.artifacts.manifest(checkpoint);
    return Object.fromEntries(files.map((file) => [file.path, file.digest]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private job() {
    const { provider = 'cpu', threads = 2, runId = 'tiny' } = this.settings;
    const workFolder = join(this.folder, `work-${++this.attempt}`);
    return { runId, attempt: this.attempt, ...this.inputs, provider, threads, workFolder };
  }

  private ports(runs = Infinity) {
    const sessions = createSessionFactory(this.settings.provider ?? 'cpu');
    return { artifacts: this.artifacts, sessions: mortal(sessions, runs), report: () => undefined };
  }
}

/** Sessions that together live for a number of runs. */
export function mortal(factory: SessionFactory, runs: number): SessionFactory {
  let left = runs;
  return {
    ...factory,
    async create(file, options) {
      const session = await factory.create(file, options);
      const run: Session['run'] = async (feeds, fetches) => {
        if (left-- <= 0) throw new Error('killed');
        return session.run(feeds, fetches);
      };
      return { inputs: session.inputs, outputs: session.outputs, run, release: () => session.release() };
    },
  };
}
