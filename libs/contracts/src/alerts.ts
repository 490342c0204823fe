import type { Digest } from './artifact.js';
import type { Problem } from './errors.js';
import type { Metrics, RunStatus } from './run.js';

export const alertEvents = ['failed', 'refused', 'drift'] as const;
export type AlertEvent = (typeof alertEvents)[number];

/** The body of the POST. */
export interface Alert {
  readonly event: AlertEvent;
  readonly runId: string;
  readonly pipeline: string;
  readonly status: RunStatus;
  readonly message: string;
  /** The same in one line, in the field that chat systems show. */
  readonly text: string;
  readonly problems: readonly Problem[];
  readonly model: {
    readonly name: string;
    readonly alias: string;
    readonly version?: number | undefined;
    readonly digest?: Digest | undefined;
  };
  readonly metrics: {
    readonly validation?: Metrics | undefined;
    readonly test?: Metrics | undefined;
    readonly base?: Metrics | undefined;
  };
  /** Path of the run's page in the Temporal UI. */
  readonly uiPath: string;
  /** ISO time of the event; equal in every attempt to deliver it. */
  readonly at: string;
}

export interface NotifyInput {
  readonly runId: string;
  readonly webhook: string;
  readonly alert: Alert;
}

export interface DriftInput {
  readonly runId: string;
  /** Name in the registry. */
  readonly model: string;
  readonly metric: string;
  readonly test: Metrics;
  /** How much worse it may be. */
  readonly tolerance: number;
}

/** The new model is worse than the one in production by more than the tolerance. */
export interface Drift {
  readonly metric: string;
  readonly value: number;
  readonly production: { readonly version: number; readonly value: number };
  readonly worse: number;
}

/** Called by the workflow besides the stages; implemented by the notify plugin. */
export interface NotifyActivities {
  /** One POST to one webhook. */
  notify(input: NotifyInput): Promise<void>;
  /** Compares with the version under the alias `production`; undefined: there is none, or no drift. */
  driftFromProduction(input: DriftInput): Promise<Drift | undefined>;
}

/** Whom to tell, whose run it is, and how long to keep what was made, are no part of what a model is made by. */
export function withoutAlerts<
  S extends { readonly alerts?: unknown; readonly retention?: unknown; readonly team?: unknown },
>(spec: S): Omit<S, 'alerts' | 'retention' | 'team'> {
  const { alerts: _, retention: __, team: ___, ...rest } = spec;
  return rest;
}
