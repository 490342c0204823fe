import type { StepMetrics } from '@temper/contracts';
import type { ProgressEvent, TrainerEvent } from '../job.js';

/** At most ten events a second; the last step is always told. */
const INTERVAL_MS = 100;

/** Tells the watcher that work goes on, and how far it is. */
export class Progress {
  private last: ProgressEvent = { type: 'progress', phase: 'training' };
  private sentAt = -Infinity;
  private done = { steps: 0, tokens: 0, seconds: 0 };

  constructor(
    private readonly report: (event: TrainerEvent) => void,
    private readonly totalSteps: number,
  ) {}

  phase(phase: string, step: number): void {
    this.send({ ...this.last, phase, step, totalSteps: this.totalSteps });
  }

  step({ step, loss, tokens, stepMs }: StepMetrics): void {
    const tokensPerSecond = (tokens / stepMs) * 1000;
    const { done } = this;
    this.done = {
      steps: done.steps + 1,
      tokens: done.tokens + tokens,
      seconds: done.seconds + stepMs / 1000,
    };
    const event = {
      phase: 'training',
      step,
      totalSteps: this.totalSteps,
      loss,
      tokensPerSecond,
      done: this.done,
    };
    this.send({ type: 'progress', ...event }, step === this.totalSteps);
  }

  /** Repeats the last event: something was done, there is no number for it. */
  readonly alive = (): void => this.send(this.last);

  private send(event: ProgressEvent, always = false): void {
    this.last = event;
    const now = performance.now();
    if (!always && now - this.sentAt < INTERVAL_MS) return;
    this.sentAt = now;
    this.report(event);
  }
}
