import { Context } from '@temporalio/activity';
import {
  activityFailure,
  stageParts,
  StagePlugin,
  type StagePluginOptions,
  type StagePorts,
} from '@temper/activity';
import { type NotifyActivities } from '@temper/contracts';
import { shownWebhook } from '@temper/spec';
import { driftFrom } from './drift.js';
import { postAlert } from './post.js';

/** Alerts to webhooks, and what is needed to know whether one is due. */
export class NotifyPlugin extends StagePlugin {
  constructor(options: StagePluginOptions) {
    super('notify', stageParts('NotifyPlugin', options, notifyActivities), 'NotifyPlugin');
  }
}

export const notifyActivities = (ports: Pick<StagePorts, 'registry'>): NotifyActivities => ({
  notify: ({ runId, webhook, alert }) =>
    withCode(async (attempt) => {
      await postAlert(webhook, alert);
      Context.current().log.info('alert sent', {
        run: runId,
        event: alert.event,
        to: shownWebhook(webhook),
        attempt,
      });
    }),
  driftFromProduction: (input) =>
    withCode(async () => {
      const target = await ports.registry.alias(input.model, 'production');
      if (!target) return undefined;
      return driftFrom(input, await ports.registry.resolve(`${input.model}:${target.version}`));
    }),
});

async function withCode<T>(work: (attempt: number) => Promise<T>): Promise<T> {
  const { attempt } = Context.current().info;
  try {
    return await work(attempt);
  } catch (error) {
    throw activityFailure(error, attempt);
  }
}
