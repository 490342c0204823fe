import { Worker } from 'node:worker_threads';
import { TemperError, type ArtifactRef } from '@temper/contracts';
import type { TrainerEvent } from '@temper/training';
import type { Save, Saver } from '@temper/training/checkpoint/saver';
import { errorOf } from '@temper/training/trainer-process';
import type { SavingAnswer, SavingData } from './messages.js';

/** Stores checkpoints in a thread of its own, which begins when the training does. */
export class SavingThread implements Saver {
  private readonly thread: Worker;
  private ended: Error | undefined;
  private saving: PromiseWithResolvers | undefined;

  constructor(
    data: SavingData,
    private readonly report: (event: TrainerEvent) => void,
  ) {
    this.thread = new Worker(new URL('./thread.js', import.meta.url), { workerData: data, name: 'saving' });
    this.thread.on('message', this.take);
    this.thread.on('error', (error) => this.end(error));
    this.thread.on('exit', () => this.end(undefined));
  }

  save(save: Save): Promise<ArtifactRef<'checkpoint'>> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended);
      this.saving = { resolve, reject };
      this.thread.postMessage(save);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thread.terminate();
  }

  private readonly take = (answer: SavingAnswer): void => {
    if (answer.type === 'store') return this.report(answer);
    const { resolve, reject } = this.saving!;
    this.saving = undefined;
    if (answer.type === 'saved') resolve(answer.ref);
    else reject(errorOf(answer));
  };

  /** Not before it was asked to: whoever waits for it, or asks it next, is told. */
  private end(cause: Error | undefined): void {
    const problem = {
      path: 'trainer',
      message: 'the thread that stores checkpoints ended',
      ...(cause ? { found: cause.message } : {}),
      hint: 'the run goes on from its last checkpoint, where it has one',
    };
    this.ended ??= new TemperError('TRAINER_DIED', problem, { cause });
    this.saving?.reject(this.ended);
  }
}

interface PromiseWithResolvers {
  readonly resolve: (ref: ArtifactRef<'checkpoint'>) => void;
  readonly reject: (error: unknown) => void;
}
