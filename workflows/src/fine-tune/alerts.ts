import {
  CancellationScope,
  isCancellation,
  log,
  proxyActivities,
  workflowInfo,
  type TemporalFailure,
} from '@temporalio/workflow';
import type {
  AlertEvent,
  Drift,
  Metrics,
  NotifyActivities,
  Orchestration,
  RunResult,
} from '@temper/contracts';
import type { AlertsSpec, PipelineSpec } from '@temper/spec';
import { policyOf } from '../policies-of.js';
import { queuesFor } from '../queues.js';
import { alertOf, driftWords } from './alert-message.js';
import { runErrorOf } from './failure.js';

/** Tells the webhooks of a spec. Nothing here ever fails a run: what goes wrong becomes a note of the run. */
export class Alerts {
  readonly #settings: Pick<AlertsSpec, 'webhooks'> & Partial<AlertsSpec>;

  constructor(
    readonly spec: PipelineSpec,
    readonly note: (line: string) => void,
    readonly orchestration?: Orchestration,
  ) {
    // A schedule that was made before there were alerts starts runs whose spec has none.
    this.#settings = (spec as { alerts?: AlertsSpec }).alerts ?? { webhooks: [] };
  }

  /** Is the new model worse than the one in production? Asked before publishing, which may move that alias. */
  async drift(test: Metrics): Promise<Drift | undefined> {
    if (!this.#wanted('drift')) return undefined;
    const { publish, training } = this.spec;
    const metric = training.metricForBestModel;
    const summary = `${metric} against ${publish.model}@production`;
    const { driftFromProduction } = this.#activities('driftFromProduction', summary);
    const runId = workflowInfo().workflowId;
    const tolerance = this.#settings.drift ?? 0;
    try {
      const drift = await driftFromProduction({ runId, model: publish.model, metric, test, tolerance });
      if (drift) this.note(driftWords(this.spec, drift));
      return drift;
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.#failed('whether the model drifted from production is unknown', error);
      return undefined;
    }
  }

  /** Waits until every webhook is told or given up, even where the run is cancelled meanwhile. */
  async send(event: AlertEvent, result: RunResult, drift?: Drift): Promise<void> {
    if (!this.#wanted(event)) return;
    const alert = alertOf(event, this.spec, result, drift);
    const tell = async (webhook: string) => {
      const { notify } = this.#activities('notify', `${event} → ${shown(webhook)}`);
      try {
        await notify({ runId: result.runId, webhook, alert });
      } catch (error) {
        this.#failed(`${shown(webhook)} could not be told of "${event}"`, error);
      }
    };
    await CancellationScope.nonCancellable(() => Promise.all(this.#settings.webhooks.map(tell)));
  }

  #wanted(event: AlertEvent): boolean {
    return this.#settings.webhooks.length > 0 && (this.#settings.on ?? []).includes(event);
  }

  #activities(name: 'notify' | 'driftFromProduction', summary: string) {
    const taskQueue = queuesFor(this.orchestration).workflow;
    const policy = policyOf(name, this.orchestration);
    return proxyActivities<NotifyActivities>({ taskQueue, ...policy, summary });
  }

  #failed(what: string, error: unknown): void {
    const { message } = runErrorOf(error as TemporalFailure);
    log.warn(what, { message });
    this.note(`${what}: ${message.split('\n')[0]}`);
  }
}

/** The part of a webhook that holds no token. */
const shown = (webhook: string): string =>
  /^(env:\w+|https?:\/\/[^/?#]+)/.exec(webhook.replace(/\/\/[^/@]*@/, '//'))?.[1] ?? 'a webhook';
