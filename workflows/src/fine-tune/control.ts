import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  setHandler,
  uuid4,
} from '@temporalio/workflow';
import {
  changeProblems,
  changeWords,
  type Approval,
  type ChangeInput,
  type ControlAnswer,
  type ControlInput,
  type ControlNote,
  type DecisionInput,
  type TrainingChange,
} from '@temper/contracts/control';
import type { PipelineSpec, TrainOutput } from '@temper/spec';
import { approveUpdate, changeUpdate, pauseUpdate, rejectUpdate, resumeUpdate } from './messages.js';
import { refuse, refuseProblems, textOf } from './refusal.js';
import type { RunRecord } from './run-record.js';

/**
 * What people ask of a run while it is open. A validator refuses before anything is written to the history; a handler
 * only notes what is wanted, and the run does it where it can: at a stage boundary, or by interrupting training.
 */
export class RunControl {
  #pause: ControlNote | undefined;
  #decision: Approval | undefined;
  readonly #changes: TrainingChange[];
  /** Of the training that is under way. */
  #training: CancellationScope | undefined;
  #trainingIsOver = false;
  #awaitsDecision = false;

  constructor(
    private readonly run: RunRecord,
    private readonly spec: PipelineSpec,
    changes: readonly TrainingChange[] = [],
    private readonly isRebuild = false,
  ) {
    this.#changes = [...changes];
    if (changes.length) run.changeAsked(changes);
    const named = (validate: (input: never) => void) => ({
      validator: (input: ControlInput) => {
        if (!textOf(input?.by)) refuseProblems('by', 'the name of who asks for this is needed');
        validate(input as never);
      },
    });
    setHandler(
      pauseUpdate,
      (input) => this.#onPause(input),
      named(() => this.#mayPause()),
    );
    setHandler(
      resumeUpdate,
      (input) => this.#onResume(input),
      named(() => this.#mayResume()),
    );
    setHandler(
      changeUpdate,
      (input) => this.#onChange(input),
      named((input) => this.#mayChange(input)),
    );
    const decides = named(() => this.#mayDecide());
    setHandler(approveUpdate, (input) => this.#onDecision('approved', input), decides);
    setHandler(rejectUpdate, (input) => this.#onDecision('rejected', input), decides);
  }

  /**
   * Between stages: goes on once nobody wants the run to wait. (And once who asked has the answer: interceptors make a
   * handler take longer, and the order of the commands must not depend on them.)
   */
  async boundary(): Promise<void> {
    while (this.#pause) {
      this.run.waits('paused', this.#pause);
      await condition(() => !this.#pause && allHandlersFinished());
      this.run.goesOn();
    }
  }

  /**
   * Trains, as often as it takes: a pause or a change of settings interrupts it, which writes a checkpoint, and it goes
   * on from there with everything that was asked for until then.
   */
  async train(work: (changes: readonly TrainingChange[]) => Promise<TrainOutput>): Promise<TrainOutput> {
    for (;;) {
      await this.boundary();
      const scope = new CancellationScope();
      this.#training = scope;
      try {
        const output = await scope.run(() => work([...this.#changes]));
        this.#trainingIsOver = true;
        return output;
      } catch (error) {
        const runIsCancelled = CancellationScope.current().consideredCancelled;
        if (runIsCancelled || !scope.consideredCancelled || !isInterruption(error)) throw error;
      } finally {
        this.#training = undefined;
      }
    }
  }

  /** The decision of a person, where the spec asks for one. */
  async approval(): Promise<Approval | undefined> {
    if (!this.spec.publish.approval) return undefined;
    this.#awaitsDecision = true;
    this.run.waits('awaiting-approval');
    await condition(() => this.#decision !== undefined && allHandlersFinished());
    this.run.goesOn();
    this.run.decided(this.#decision!);
    return this.#decision;
  }

  #mayPause(): void {
    if (this.#pause) refuse(`the run is paused already, by ${this.#pause.by}`);
    if (this.run.current === 'publish') refuse('the last stage is under way: nothing is left to pause');
  }

  async #onPause(input: ControlInput): Promise<ControlAnswer> {
    this.#pause = noteOf(input);
    this.run.pauseAsked(this.#pause);
    const training = this.#training;
    training?.cancel();
    // The answer comes when the device is free. Meanwhile training may have ended after all, or somebody resumes.
    if (training) await condition(() => this.#training !== training);
    return this.#answer(this.#pauseWords(training !== undefined));
  }

  #pauseWords(interrupted: boolean): string {
    if (!this.#pause) return 'somebody resumed it meanwhile';
    const { status, current = 'under way' } = this.run;
    if (status === 'running') return `it takes effect when the stage ${current} has ended`;
    if (interrupted) return 'training has written its checkpoint and its device is free';
    return 'nothing of it is at work any more';
  }

  #mayResume(): void {
    if (!this.#pause) refuse('the run is not paused');
  }

  #onResume(_: ControlInput): ControlAnswer {
    this.#pause = undefined;
    this.run.pauseAsked(undefined);
    return this.#answer('it goes on; training from its checkpoint, when it gets a device');
  }

  #mayChange(change: ChangeInput): void {
    if (this.isRebuild) refuse('the run makes a version again, as it was: nothing of it can be changed');
    if (this.#trainingIsOver) refuse('training is over: there is nothing left to change');
    if (this.#changes.some(({ stop }) => stop)) refuse('training is to stop already');
    const problems = changeProblems(this.spec, change);
    if (problems.length) refuseProblems(problems);
  }

  #onChange({ learningRate, evalStrategy, evalSteps, stop, ...input }: ChangeInput): ControlAnswer {
    const asked = { learningRate, evalStrategy, evalSteps, stop };
    const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    const change: TrainingChange = { id: uuid4(), ...noteOf(input), ...given };
    this.#changes.push(change);
    this.run.changeAsked(this.#changes);
    this.#training?.cancel();
    const when = this.#training ? 'from the next step boundary on' : 'when training begins or goes on';
    return this.#answer(`${changeWords(change)}: ${when}`);
  }

  #mayDecide(): void {
    if (this.#decision) refuse(`the run is ${this.#decision.decision} already, by ${this.#decision.by}`);
    if (this.#awaitsDecision) return;
    refuse(
      this.spec.publish.approval
        ? 'the run is not as far yet: approval is asked for after the evaluation'
        : 'the spec of this run does not ask for approval (publish.approval)',
    );
  }

  #onDecision(decision: Approval['decision'], { by, comment }: DecisionInput): ControlAnswer {
    const said = textOf(comment);
    this.#decision = { decision, by: textOf(by), ...(said ? { comment: said } : {}), at: now() };
    return this.#answer(
      decision === 'approved' ? 'the model is being published' : 'the run ends without publishing',
    );
  }

  #answer(message: string): ControlAnswer {
    return { runId: this.run.runId, status: this.run.status, message };
  }
}

/**
 * How an activity ends whose scope was cancelled: by its own answer to the cancellation or, where trainer or worker died
 * before it could answer, by a failure that is not tried again because of the cancellation.
 */
function isInterruption(error: unknown): boolean {
  if (isCancellation(error)) return true;
  if (!(error instanceof ActivityFailure) || error.retryState !== 'CANCEL_REQUESTED') return false;
  return !(error.cause instanceof ApplicationFailure && error.cause.nonRetryable);
}

const now = () => new Date().toISOString();

function noteOf({ by, note }: ControlInput): ControlNote {
  const said = textOf(note);
  return { by: textOf(by), ...(said ? { note: said } : {}), at: now() };
}
