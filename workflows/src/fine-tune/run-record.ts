import { isCancellation, sleep } from '@temporalio/workflow';
import type {
  Approval,
  ControlNote,
  DataReport,
  ForkOrigin,
  Provider,
  RunProgress,
  RunResult,
  RunStatus,
  StageName,
  TrainingChange,
} from '@temper/contracts';
import type {
  CompareOutput,
  EvaluateOutput,
  IngestOutput,
  PipelineSpec,
  PublishOutput,
  StageOutput,
  TrainOutput,
} from '@temper/spec';
import { divergence, published, refusedBy, rejectedBy } from './endings.js';
import { endsRun, failureOf, runErrorOf, type RunError } from './failure.js';
import { notedOf, resultOf, type Account, type Ending } from './run-result.js';
import { StageLog } from './stage-log.js';
import { showEnd, showReports, showStage } from './visibility.js';

/** How often the lists of runs learn the stage of a run. */
const SHOWN_EVERY = '2 seconds';

/** The run's own account of itself: what the `progress` query returns and the result is made of. */
export class RunRecord {
  readonly #stages = new StageLog(() => this.#show());
  readonly #account: Account;
  #status: RunStatus = 'running';
  #result: RunResult | undefined;
  #pause: ControlNote | undefined;
  /** A timer runs that will show the stage of then. */
  #showsSoon = false;
  #provider: Provider | undefined;

  constructor(
    readonly runId: string,
    readonly spec: PipelineSpec,
    forkedFrom?: ForkOrigin,
  ) {
    this.#account = { runId, forkedFrom, changes: [], notes: [] };
  }

  get status(): RunStatus {
    return this.#status;
  }

  /** The stage under way. */
  get current(): StageName | undefined {
    return this.#stages.current;
  }

  progress(): RunProgress {
    const { changes, data } = this.#account;
    return {
      runId: this.runId,
      pipeline: this.spec.name,
      status: this.#status,
      stages: this.#stages.list(),
      ...(this.#pause ? { pause: this.#pause } : {}),
      ...(changes.length ? { changes: [...changes] } : {}),
      ...(data ? { data } : {}),
      ...notedOf(this.#account),
      ...(this.#result ? { result: this.#result } : {}),
    };
  }

  /** Runs one stage and keeps its account; a failure goes on to the caller. */
  async stage<O extends StageOutput>(name: StageName, run: () => Promise<O>): Promise<O> {
    this.#stages.begin(name);
    this.#showSoon();
    try {
      return this.#stages.complete(name, await run());
    } catch (error) {
      if (endsRun(error)) this.#stages.fail(name, error);
      throw error;
    }
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
    this.#account.ingested = output;
  }

  prepared(data: DataReport | undefined): void {
    this.#account.data = data;
    this.#show();
  }

  /** The pool that trains it. */
  placedOn(provider: Provider): void {
    this.#provider = provider;
  }

  trained(output: TrainOutput): void {
    this.#account.trained = output;
  }

  evaluated(output: EvaluateOutput): void {
    this.#account.evaluated = output;
  }

  pauseAsked(pause: ControlNote | undefined): void {
    this.#pause = pause;
  }

  changeAsked(changes: readonly TrainingChange[]): void {
    this.#account.changes = [...changes];
  }

  decided(approval: Approval): void {
    this.#account.approval = approval;
  }

  /** Nothing of the run works until somebody lets it go on. */
  waits(status: 'paused' | 'awaiting-approval', why?: ControlNote): void {
    this.#status = status;
    this.#stages.wait(why);
    showStage(status);
  }

  goesOn(): void {
    this.#status = 'running';
    this.#stages.goOn();
    if (this.#stages.last) showStage(this.#stages.last);
  }

  /** A line for people, under the stages. */
  note(line: string): void {
    this.#account.notes.push(line);
    if (this.#result) this.#result = { ...this.#result, ...notedOf(this.#account) };
    this.#show();
  }

  /** Nothing is new since the run `sameAs`: nothing is done. */
  unchanged(sameAs: string): RunResult {
    return this.#end({ status: 'unchanged', sameAs });
  }

  completed(output: PublishOutput): RunResult {
    return this.#end(published(output));
  }

  /** As far as it was asked to go. */
  stopped(): RunResult {
    return this.#end({ status: 'completed' });
  }

  rebuilt({ rebuilt }: CompareOutput): RunResult {
    return this.#end({ status: 'completed', rebuilt });
  }

  refused(gate: EvaluateOutput['gate']): RunResult {
    return this.#end(refusedBy(gate));
  }

  rejected(approval: Approval): RunResult {
    return this.#end(rejectedBy(approval));
  }

  /** Ends the record as cancelled or failed. An error that only ends this task of the workflow is none of a run. */
  ended(error: unknown): RunResult | undefined {
    if (!endsRun(error)) return undefined;
    if (isCancellation(error)) return this.#end({ status: 'cancelled' });
    const { code, message, problems } = runErrorOf(error);
    const withoutWorker = code === 'SERVICE_UNAVAILABLE' && this.#provider ? ` (pool ${this.#provider})` : '';
    const failed: RunError = { code, message: message + withoutWorker, problems };
    const stage = this.#stages.last ? { stage: this.#stages.last } : {};
    const verdicts = code === 'LOSS_DIVERGED' ? { verdicts: [divergence(failed, this.spec)] } : {};
    return this.#end({ status: 'failed', error: { ...failed, ...stage }, ...verdicts });
  }

  /** What the workflow throws for an error, with the record as it is now. */
  thrown(error: unknown): unknown {
    return endsRun(error) && this.#result?.status === 'failed' ? failureOf(this.#result, error) : error;
  }

  #end(ending: Ending): RunResult {
    this.#status = ending.status;
    this.#stages.skipRest();
    showStage(ending.status, this.#provider);
    this.#result = resultOf(this.#account, this.#stages.list(), ending);
    this.#show();
    return this.#result;
  }

  #show(): void {
    const { data, notes } = this.#account;
    const lines = [...(data?.warnings ?? []).map(({ message }) => message), ...notes];
    if (this.#result) showEnd(this.#result, lines);
    else showReports(this.#stages.list(), lines);
  }
}
