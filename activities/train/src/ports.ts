import type { StagePorts } from '@temper/activity';
import type { Provider } from '@temper/contracts';
import type { TrainerEvent, TrainerOptions } from '@temper/training/trainer-process';

/** What a stage that needs a device works with. */
export interface DevicePorts extends StagePorts {
  /** What this worker trains on. */
  readonly provider: Provider;
  /** How the trainer is started, where it is not the installed one with this process's environment. */
  readonly trainer?: Pick<TrainerOptions, 'entry' | 'env' | 'graceMs'>;
  readonly observer?: TrainerObserver | undefined;
}

/** Told of each trainer process; what it answers follows that process to its end. */
export type TrainerObserver = (about: { readonly pipeline: string }) => Disposable & {
  /** For the trainer's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly onEvent: (event: TrainerEvent) => void;
};
