import { isCancellation, sleep } from '@temporalio/workflow';
import type {
  Approval,
  ControlNote,
  DataReport,
  ForkOrigin,
  Problem,
  Provider,
  RunProgress,
  RunResult,
  RunStatus,
  StageName,
  StageReport,
  StageStatus,
  TrainingChange,
  Verdict,
} from '@temper/contracts';
import type {
  EvaluateOutput,
  GateProblem,
  IngestOutput,
  PipelineSpec,
  PublishOutput,
  StageOutput,
  TrainOutput,
} from '@temper/spec';
import { stageNames } from '@temper/contracts/run';
import { learningRateChange } from '@temper/contracts/verdict';
import { endsRun, failureOf, runErrorOf, type RunError } from './failure.js';
import { showEnd, showReports, showStage } from './visibility.js';

/** How often the lists of runs learn the stage of a run. */
const SHOWN_EVERY = '2 seconds';

/** The run's own account of itself: what the `progress` query answers and the result is made of. */
export class RunRecord {
  readonly #reports = new Map<StageName, StageReport>(
    stageNames.map((name) => [name, { name, status: 'pending', cached: false, seconds: 0, attempts: 0 }]),
  );
  #status: RunStatus = 'running';
  #current: StageName | undefined;
  #result: RunResult | undefined;
  #ingested: IngestOutput | undefined;
  #data: DataReport | undefined;
  #trained: TrainOutput | undefined;
  #evaluated: EvaluateOutput | undefined;
  readonly #notes: string[] = [];
  #pause: ControlNote | undefined;
  /** Milliseconds in which it was paused or waited for approval, and since when it does. */
  #waited = 0;
  #waitsSince: number | undefined;
  /** A timer runs that will show the stage of then. */
  #showsSoon = false;
  #changes: readonly TrainingChange[] = [];
  #approval: Approval | undefined;
  #provider: Provider | undefined;

  constructor(
    readonly runId: string,
    readonly spec: PipelineSpec,
    readonly forkedFrom?: ForkOrigin,
  ) {}

  get status(): RunStatus {
    return this.#status;
  }

  /** The stage under way. */
  get current(): StageName | undefined {
    return this.#current && this.#reports.get(this.#current)!.status === 'running'
      ? this.#current
      : undefined;
  }

  progress(): RunProgress {
    return {
      runId: this.runId,
      pipeline: this.spec.name,
      status: this.#status,
      stages: this.#stages(),
      ...(this.#pause ? { pause: this.#pause } : {}),
      ...(this.#changes.length ? { changes: [...this.#changes] } : {}),
      ...(this.#data ? { data: this.#data } : {}),
      ...this.#noted(),
      ...(this.#result ? { result: this.#result } : {}),
    };
  }

  /** Runs one stage and keeps its account; a failure goes on to the caller. */
  async stage<O extends StageOutput>(name: StageName, run: () => Promise<O>): Promise<O> {
    const started = this.#clock();
    const seconds = () => Math.round((this.#clock() - started) / 10) / 100;
    this.#current = name;
    this.#report(name, { status: 'running', attempts: 1 });
    this.#showSoon();
    try {
      const { cached, summary, attempts = 1, preemptions, ...rest } = await run();
      const given = preemptions ? { preemptions } : {};
      this.#report(name, { status: 'completed', cached, summary, attempts, ...given, seconds: seconds() });
      return { cached, summary, ...rest } as O;
    } catch (error) {
      if (endsRun(error)) {
        const { message, attempts = 1, preemptions } = runErrorOf(error);
        const given = preemptions ? { preemptions } : {};
        const status: StageStatus = isCancellation(error) ? 'cancelled' : 'failed';
        const summary = status === 'failed' ? { summary: message.split('\n')[0] } : {};
        this.#report(name, { status, attempts, ...given, seconds: seconds(), ...summary });
      }
      throw error;
    }
  }

  /** Milliseconds without those in which the run was to wait. */
  #clock(): number {
    const now = Date.now();
    return now - this.#waited - (this.#waitsSince === undefined ? 0 : now - this.#waitsSince);
  }

  /** A stage that is over in a moment is not worth a write to the server's index, nor a timer of its own. */
  #showSoon(): void {
    if (this.#showsSoon) return;
    this.#showsSoon = true;
    const show = async () => {
      await sleep(SHOWN_EVERY);
      this.#showsSoon = false;
      if (this.#status === 'running' && this.current) showStage(this.current, this.#provider);
    };
    show().catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  }

  ingested(output: IngestOutput): void {
    this.#ingested = output;
  }

  /** Of the rows, as training will see them. */
  prepared(data: DataReport | undefined): void {
    this.#data = data;
    this.#show();
  }

  /** The pool that trains it. */
  placedOn(provider: Provider): void {
    this.#provider = provider;
  }

  pauseAsked(pause: ControlNote | undefined): void {
    this.#pause = pause;
  }

  changeAsked(changes: readonly TrainingChange[]): void {
    this.#changes = [...changes];
  }

  decided(approval: Approval): void {
    this.#approval = approval;
  }

  /** Nothing of the run works until somebody lets it go on. */
  waits(status: 'paused' | 'awaiting-approval', why?: ControlNote): void {
    this.#status = status;
    this.#waitsSince ??= Date.now();
    const stage = this.#current;
    // A paused training is as good as not begun: its device is another run's.
    if (stage && this.#reports.get(stage)!.status === 'running') {
      const summary = why && `paused by ${why.by}${why.note ? `: ${why.note}` : ''}`;
      this.#report(stage, { status: 'pending', ...(summary ? { summary } : {}) });
    }
    showStage(status);
  }

  goesOn(): void {
    this.#status = 'running';
    this.#waited += Date.now() - (this.#waitsSince ?? Date.now());
    this.#waitsSince = undefined;
    const stage = this.#current;
    if (!stage) return;
    if (this.#reports.get(stage)!.status === 'pending') {
      this.#report(stage, { status: 'running', summary: undefined });
    }
    showStage(stage);
  }

  trained(output: TrainOutput): void {
    this.#trained = output;
  }

  evaluated(output: EvaluateOutput): void {
    this.#evaluated = output;
  }

  /** A line for people, under the stages. */
  note(line: string): void {
    this.#notes.push(line);
    if (this.#result) this.#result = { ...this.#result, ...this.#noted() };
    this.#show();
  }

  /** Nothing is new since the run `sameAs`: nothing is done. */
  unchanged(sameAs: string): RunResult {
    return this.#end('unchanged', { sameAs });
  }

  completed(published: PublishOutput): RunResult {
    const { name, version, digest, model, reportUri } = published;
    return this.#end('completed', {
      model: { name, version, digest, uri: model.uri },
      artifacts: { model: model.uri, report: reportUri },
    });
  }

  /** As far as it was asked to go. */
  stopped(): RunResult {
    return this.#end('completed', {});
  }

  /** The gate or a verdict stands against the model: the run did its work, nothing is published. */
  refused(gate: EvaluateOutput['gate']): RunResult {
    const why = gate.map(({ metric, value, rule, verdict }) =>
      verdict ? `${verdict.name}: ${verdict.evidence}` : `${metric} is ${value}, the gate wants ${rule}`,
    );
    const message = `not published: ${why.join('; ')}`;
    const problems = gate.map(problemOf);
    return this.#end('refused', { error: { code: 'GATE_REFUSED', message, problems, stage: 'evaluate' } });
  }

  /** A person decided against the model. */
  rejected({ by, comment }: Approval): RunResult {
    const said = comment ? `: ${comment}` : '';
    const message = `not published: rejected by ${by}${said}`;
    const problems = [{ path: 'publish.approval', message: `rejected by ${by}${said}` }];
    return this.#end('refused', {
      error: { code: 'APPROVAL_REJECTED', message, problems, stage: 'evaluate' },
    });
  }

  /** Ends the record as cancelled or failed. An error that only ends this task of the workflow is none of a run. */
  ended(error: unknown): RunResult | undefined {
    if (!endsRun(error)) return undefined;
    if (isCancellation(error)) return this.#end('cancelled', {});
    const { code, message, problems } = runErrorOf(error);
    const withoutWorker = code === 'SERVICE_UNAVAILABLE' && this.#provider ? ` (pool ${this.#provider})` : '';
    const failed: RunError = { code, message: message + withoutWorker, problems };
    const stage = this.#current ? { stage: this.#current } : {};
    const verdicts = code === 'LOSS_DIVERGED' ? { verdicts: [diverged(failed, this.spec)] } : {};
    return this.#end('failed', { error: { ...failed, ...stage }, ...verdicts });
  }

  /** What the workflow throws for an error, with the record as it is now. */
  thrown(error: unknown): unknown {
    return endsRun(error) && this.#result?.status === 'failed' ? failureOf(this.#result, error) : error;
  }

  #end(
    status: RunStatus,
    more: Pick<RunResult, 'model' | 'error' | 'sameAs' | 'verdicts'> & { artifacts?: RunResult['artifacts'] },
  ) {
    this.#status = status;
    for (const { name, status: stage } of this.#stages()) {
      if (stage === 'pending') this.#report(name, { status: 'skipped' });
    }
    showStage(status, this.#provider);
    const { artifacts, ...rest } = more;
    const { dataset, baseModel, spec } = this.#ingested ?? {};
    // A training that ended early is judged by what it has.
    const verdicts = this.#evaluated?.verdicts ?? this.#trained?.verdicts;
    this.#result = {
      runId: this.runId,
      status,
      ...(verdicts ? { verdicts } : {}),
      ...rest,
      ...(dataset ? { dataset: dataset.digest, baseModel: baseModel!.digest, spec } : {}),
      metrics: {
        ...(this.#trained?.validation ? { validation: this.#trained.validation } : {}),
        ...(this.#evaluated ? { test: this.#evaluated.test, base: this.#evaluated.base } : {}),
      },
      stages: this.#stages(),
      ...(this.#data ? { data: this.#data } : {}),
      ...(this.#trained ? whatWasTrained(this.#trained) : {}),
      ...(this.#changes.length || this.#trained?.changes ? { changes: this.#allChanges() } : {}),
      ...(this.#approval ? { approval: this.#approval } : {}),
      ...(this.forkedFrom ? { forkedFrom: this.forkedFrom } : {}),
      ...this.#noted(),
      artifacts: {
        ...(this.#trained ? { metrics: this.#trained.metricsUri } : {}),
        ...(this.#evaluated?.rows ? { evaluation: this.#evaluated.rows.uri } : {}),
        ...artifacts,
      },
    };
    this.#show();
    return this.#result;
  }

  #show(): void {
    const notes = [...(this.#data?.warnings ?? []).map(({ message }) => message), ...this.#notes];
    if (this.#result) showEnd(this.#result, notes);
    else showReports(this.#stages(), notes);
  }

  #noted(): { readonly notes?: readonly string[] } {
    return this.#notes.length ? { notes: [...this.#notes] } : {};
  }

  /** Those that training applied, with their steps, and those that came too late for it. */
  #allChanges(): NonNullable<RunResult['changes']> {
    const applied = this.#trained?.changes ?? [];
    return [...applied, ...this.#changes.filter(({ id }) => !applied.some((change) => change.id === id))];
  }

  #stages(): StageReport[] {
    return [...this.#reports.values()];
  }

  #report(name: StageName, change: Partial<StageReport>): void {
    this.#reports.set(name, { ...this.#reports.get(name)!, ...change });
    this.#show();
  }
}

const whatWasTrained = ({ checkpoint, steps, totalSteps, finished = true }: TrainOutput) => ({
  checkpoint,
  training: { steps, ...(totalSteps ? { totalSteps } : {}), finished },
});

function problemOf({ metric, value, rule, verdict }: GateProblem): Problem {
  if (!verdict) {
    const message = 'the test metric is outside its bounds';
    return { path: `evaluation.gate.${metric}`, message, found: String(value ?? 'nothing'), allowed: rule };
  }
  const change = verdict.change ? `${verdict.change}; ` : '';
  return {
    path: 'evaluation',
    message: `${verdict.name}: ${verdict.evidence}`,
    hint: `${change}${rule} publishes it all the same`,
  };
}

function diverged({ problems, message }: RunError, { training }: PipelineSpec): Verdict {
  const [problem] = problems;
  const evidence = problem ? `${problem.path}: ${problem.message}` : message;
  return { name: 'diverging', evidence, change: learningRateChange(training.learningRate, 1 / 10) };
}
