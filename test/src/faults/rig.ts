import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TemperClient } from '@temper/client';
import type { RunResult } from '@temper/contracts';
import type { PipelineSpecInput } from '@temper/spec';
import { createS3Store, type S3Store } from '@temper/s3';
import { startServices, type Services } from '@temper/services';
import { ArtifactStore, checkpointKey, Pointer } from '@temper/storage';
import type { CheckpointPointer } from '@temper/training';
import { workflowBundle } from '@temper/worker-cpu';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { PLAN, type Happened, type Plan } from './plan.js';
import { holds } from './row.js';

export interface WorkerSettings {
  readonly plan?: Plan;
  readonly env?: NodeJS.ProcessEnv;
  readonly home?: string;
}

/** Real servers, a tiny model and its data; each row starts the workers that it needs. */
export class Rig implements AsyncDisposable {
  readonly artifacts: ArtifactStore;
  readonly #uninterrupted = new Map<string, Promise<string>>();
  #plans = 0;

  private constructor(
    readonly folder: string,
    readonly services: Services,
    readonly store: S3Store,
    readonly client: TemperClient,
    readonly tiny: Awaited<ReturnType<typeof writeTinyPipeline>>,
    readonly bundle: string,
  ) {
    this.artifacts = new ArtifactStore(store, { cacheFolder: join(folder, 'looked-at') });
  }

  static async start(): Promise<Rig> {
    const folder = await mkdtemp(join(tmpdir(), 'temper-faults-'));
    const services = await startServices({ folder: join(folder, '.temper') });
    const environment = { ...process.env, ...services.env };
    const store = createS3Store(environment);
    const client = await TemperClient.connect({ environment, store });
    const tiny = await writeTinyPipeline(folder, 120);
    const bundle = await workflowBundle(join(folder, 'bundle'));
    return new Rig(folder, services, store, client, tiny, bundle);
  }

  /** 26 steps of a fully trained tiny BERT; one thread, so that its digest is the same wherever it runs. */
  spec(name: string, training: PipelineSpecInput['training'] = {}): PipelineSpecInput {
    return {
      ...this.tiny,
      name,
      training: {
        maxSteps: 26,
        learningRate: 1e-3,
        trainBatchSize: 8,
        saveSteps: 100,
        evalStrategy: 'no',
        ...training,
      },
      resources: { pool: 'cpu', threads: 1 },
    };
  }

  async worker(settings: WorkerSettings = {}): Promise<FaultWorker> {
    let plan: string | undefined;
    if (settings.plan) {
      plan = join(this.folder, `plan-${++this.#plans}.json`);
      await writeFile(plan, JSON.stringify(settings.plan));
    }
    const home = settings.home ?? join(this.folder, 'home');
    await mkdir(home, { recursive: true });
    return FaultWorker.start(
      this.folder,
      {
        ...this.services.env,
        TEMPER_HOME: home,
        TEMPER_FAULT_BUNDLE: this.bundle,
        HF_TOKEN: SECRET_TOKEN,
        ...(plan ? { [PLAN]: plan } : {}),
        ...settings.env,
      },
      plan,
    );
  }

  /** Digest of the model that a spec gives where nothing happens; trained once. */
  uninterrupted(spec: PipelineSpecInput): Promise<string> {
    // One checkpoint only, so that those of the disturbed run are all written by it.
    const training = { ...spec.training, saveSteps: 1000 };
    const key = JSON.stringify(training);
    const known = this.#uninterrupted.get(key);
    if (known) return known;
    const made = (async () => {
      await using _worker = await this.worker();
      const result = await this.finished(
        await this.client.submit({ ...spec, name: 'uninterrupted', training }),
      );
      return result.model!.digest;
    })();
    this.#uninterrupted.set(key, made);
    return made;
  }

  /** Waits for the run, which has to complete. */
  async finished(runId: string): Promise<RunResult> {
    const result = await this.client.result(runId);
    holds(result.status === 'completed', `${runId} completes; it ${result.status}: ${result.error?.message}`);
    return result;
  }

  async pointer(runId: string): Promise<CheckpointPointer | undefined> {
    return (await new Pointer<CheckpointPointer>(this.store, checkpointKey(runId)).read())?.value;
  }

  /** Exactly one version of this run in the registry. */
  async onlyVersion(result: RunResult): Promise<void> {
    const versions = await this.client.registry.versions(result.model!.name);
    // An equal training before it published the version that it has.
    const equal = versions.filter(({ digest }) => digest === result.model!.digest);
    holds(
      equal.length === 1,
      `the model of ${result.runId} is in the registry once, not ${equal.length} times`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    this.store.close();
    await this.services.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** In the environment of every worker; it must be in no history. */
export const SECRET_TOKEN = 'hf_faultsHaveNoTokenInHistories';

export class FaultWorker implements AsyncDisposable {
  private constructor(
    readonly child: ChildProcess,
    readonly exited: Promise<unknown>,
    readonly log: string,
    readonly plan: string | undefined,
  ) {}

  static async start(folder: string, env: NodeJS.ProcessEnv, plan?: string): Promise<FaultWorker> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'worker.js')], {
      cwd: folder,
      env: { ...process.env, ...env, TEMPER_EXIT_ON_STDIN_END: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const log = join(folder, `worker-${child.pid}.log`);
    child.stderr.pipe(createWriteStream(log));
    const exited = once(child, 'exit');
    const first = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
    if (first.value !== 'worker ready') throw new Error(`no worker: ${await readFile(log, 'utf8')}`);
    return new FaultWorker(child, exited, log, plan);
  }

  /** What its trainers did, by their plan. */
  async happened(): Promise<Happened[]> {
    const text = await readFile(`${this.plan!}.log`, 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Happened);
  }

  async deaths(): Promise<number> {
    return (await this.happened()).filter((line) => 'died' in line).length;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), 25_000);
    await this.exited;
    clearTimeout(late);
  }
}
