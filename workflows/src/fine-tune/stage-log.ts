import { isCancellation, type TemporalFailure } from '@temporalio/workflow';
import type { ControlNote, StageName, StageReport, StageStatus } from '@temper/contracts';
import type { StageOutput } from '@temper/spec';
import { stageNames } from '@temper/contracts/run';
import { runErrorOf } from './failure.js';
import { RunClock } from './run-clock.js';

/** What became of each stage, one after the other; `changed` is called whenever a report is another. */
export class StageLog {
  readonly #reports = new Map<StageName, StageReport>(
    stageNames.map((name) => [name, { name, status: 'pending', cached: false, seconds: 0, attempts: 0 }]),
  );
  readonly #clock = new RunClock();
  #started = 0;
  #last: StageName | undefined;

  constructor(private readonly changed: () => void) {}

  /** The one that began last. */
  get last(): StageName | undefined {
    return this.#last;
  }

  /** The stage under way. */
  get current(): StageName | undefined {
    return this.#last && this.#reports.get(this.#last)!.status === 'running' ? this.#last : undefined;
  }

  list(): StageReport[] {
    return [...this.#reports.values()];
  }

  begin(name: StageName): void {
    this.#started = this.#clock.now();
    this.#last = name;
    this.#report(name, { status: 'running', attempts: 1 });
  }

  /** Returns the output without what is only for the report. */
  complete<O extends StageOutput>(name: StageName, output: O): O {
    const { cached, summary, attempts = 1, preemptions, ...rest } = output;
    const given = preemptions ? { preemptions } : {};
    const seconds = this.#seconds();
    this.#report(name, { status: 'completed', cached, summary, attempts, ...given, seconds });
    return { cached, summary, ...rest } as O;
  }

  fail(name: StageName, error: TemporalFailure): void {
    const { message, attempts = 1, preemptions } = runErrorOf(error);
    const given = preemptions ? { preemptions } : {};
    const status: StageStatus = isCancellation(error) ? 'cancelled' : 'failed';
    const summary = status === 'failed' ? { summary: message.split('\n')[0] } : {};
    this.#report(name, { status, attempts, ...given, seconds: this.#seconds(), ...summary });
  }

  /** Nothing works until `goOn`; a paused training is as good as not begun: its device is another run's. */
  wait(why?: ControlNote): void {
    this.#clock.waits();
    if (!this.current) return;
    const summary = why && `paused by ${why.by}${why.note ? `: ${why.note}` : ''}`;
    this.#report(this.current, { status: 'pending', ...(summary ? { summary } : {}) });
  }

  goOn(): void {
    this.#clock.goesOn();
    if (this.#last && this.#reports.get(this.#last)!.status === 'pending') {
      this.#report(this.#last, { status: 'running', summary: undefined });
    }
  }

  /** The run is over: what has not begun never will. */
  skipRest(): void {
    for (const { name, status } of this.list()) {
      if (status === 'pending') this.#report(name, { status: 'skipped' });
    }
  }

  /** Since the stage began, to a hundredth. */
  #seconds(): number {
    return Math.round((this.#clock.now() - this.#started) / 10) / 100;
  }

  #report(name: StageName, change: Partial<StageReport>): void {
    this.#reports.set(name, { ...this.#reports.get(name)!, ...change });
    this.changed();
  }
}
