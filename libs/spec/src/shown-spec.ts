import type { PipelineSpec } from './pipeline-spec.js';
import { shownSource } from '@temper/contracts';
import { initFromOf } from '@temper/methods/schema';

/**
 * A spec as it may be shown and published: addresses without what is secret in them. A webhook's path and query often are
 * the token, so that its host alone is left.
 */
export function shownSpec<S extends Pick<PipelineSpec, 'model' | 'dataset' | 'method' | 'alerts'>>(
  spec: S,
): S {
  const { model, dataset, method, alerts } = spec;
  const start = method && initFromOf(method);
  const { train, validation, test } = dataset;
  return {
    ...spec,
    model: { ...model, base: shownSource(model.base) },
    ...(start === undefined ? {} : { method: { ...method, initFrom: shownSource(start) } }),
    dataset: {
      ...dataset,
      train:
        typeof train === 'string'
          ? shownSource(train)
          : train.map((one) => ({ ...one, source: shownSource(one.source) })),
      ...(validation === undefined ? {} : { validation: shownSource(validation) }),
      ...(test === undefined ? {} : { test: shownSource(test) }),
    },
    // Of runs that were started before there were alerts.
    ...(alerts ? { alerts: { ...alerts, webhooks: alerts.webhooks.map(shownWebhook) } } : {}),
  };
}

/** The variable's name, or the host. */
export const shownWebhook = (webhook: string): string =>
  webhook.startsWith('env:') ? webhook : URL.canParse(webhook) ? new URL(webhook).origin : 'the webhook';
