import type { StagePorts, WatchdogOptions, WorkerVersion } from '@temper/activity';
import type { Provider } from '@temper/contracts';
import type { TrainerEvent, TrainerOptions } from '@temper/training/trainer-process';

/** What a stage that needs a device works with. */
export interface DevicePorts extends StagePorts {
  /** What this worker trains on. */
  readonly provider: Provider;
  /** Of one trainer, for runs whose spec does not say; default: all of the machine. */
  readonly threads?: number | undefined;
  /** Of this worker, where it is versioned: only runs of the same build can take its device. */
  readonly version?: (() => WorkerVersion | undefined) | undefined;
  /** How the trainer is started, where it is not the installed one with this process's environment. */
  readonly trainer?: Partial<Pick<TrainerOptions, 'entry' | 'env' | 'graceMs'>>;
  /** How long a trainer may be silent before it counts as hung. */
  readonly watchdog?: WatchdogOptions;
  readonly observer?: TrainerObserver | undefined;
}

/** Told of each trainer process; what it returns follows that process to its end. */
export type TrainerObserver = (about: { readonly pipeline: string }) => Disposable & {
  /** For the trainer's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly onEvent: (event: TrainerEvent) => void;
};
