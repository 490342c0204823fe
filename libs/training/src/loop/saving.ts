import { noSpans, type ArtifactRef, type Spans } from '@temper/contracts';
import type { Save, Saver } from '../checkpoint/saver.js';
import { SnapshotMemory, type Trained } from '../checkpoint/snapshot.js';

/** A checkpoint that the run's pointer names. */
export interface Committed {
  readonly ref: ArtifactRef<'checkpoint'>;
  readonly save: Save;
  /** From the copy until it was committed. */
  readonly seconds: number;
  /** Of these, how long training stood still for it: for the copy, and where it had to wait. */
  readonly stoodSeconds: number;
}

export interface SavingOptions {
  readonly saver: Saver;
  readonly trained: Trained;
  readonly spans?: Spans | undefined;
  readonly onCommit: (committed: Committed) => void;
}

/**
 * Checkpoints on their way to the store while training goes on. Each is a copy of what is trained, taken at a step boundary; there is one copy,
 * so the next is taken when the last is committed.
 */
export class Saving implements AsyncDisposable {
  /** Milliseconds that training stood still for checkpoints. */
  stoodMs = 0;
  private readonly memory = new SnapshotMemory();
  private underWay: Promise<void> | undefined;
  private failed: { readonly error: unknown } | undefined;
  private waitingSince: number | undefined;

  constructor(private readonly options: SavingOptions) {}

  /** Takes the copy, after the last one is committed; `at` says what else holds at this boundary, once that is known. */
  async begin(at: () => Omit<Save, 'snapshot'>): Promise<void> {
    await this.committed();
    const started = performance.now();
    const save = { ...at(), snapshot: this.memory.take(this.options.trained) };
    this.underWay = this.store(save, started);
    this.stoodMs += performance.now() - started;
  }

  /** Nothing is under way any more; throws what the last one failed by. */
  async committed(): Promise<void> {
    if (this.underWay) {
      this.waitingSince = performance.now();
      await this.underWay;
      this.stoodMs += this.waitedMs();
      this.waitingSince = undefined;
    }
    this.check();
  }

  /** Throws what the last one failed by, as soon as that is known. */
  check(): void {
    if (this.failed) throw this.failed.error;
  }

  /** What is under way is let through, whatever training ended by. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.underWay;
    await this.options.saver[Symbol.asyncDispose]();
  }

  private async store(save: Save, started: number): Promise<void> {
    const { saver, spans = noSpans, onCommit } = this.options;
    const stoodBefore = this.stoodMs;
    try {
      const ref = await spans.within('checkpoint', { step: save.state.step }, () => saver.save(save));
      const seconds = (performance.now() - started) / 1000;
      const stoodSeconds = (this.stoodMs - stoodBefore + this.waitedMs()) / 1000;
      onCommit({ ref, save, seconds, stoodSeconds });
    } catch (error) {
      this.failed = { error };
    } finally {
      this.underWay = undefined;
    }
  }

  private readonly waitedMs = (): number =>
    this.waitingSince === undefined ? 0 : performance.now() - this.waitingSince;
}
