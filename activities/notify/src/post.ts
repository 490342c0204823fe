import { ApplicationFailure } from '@temporalio/common';
import { TemperError, type Alert } from '@temper/contracts';
import { shownWebhook } from '@temper/spec';

/** Milliseconds: within the activity's time, so that the reason is reported and not only that it took too long. */
const TIMEOUT = 10_000;

/** POSTs the alert. A receiver that is down may be tried again; one that refuses would refuse again. */
export async function postAlert(
  webhook: string,
  alert: Alert,
  { env = process.env, timeout = TIMEOUT }: { env?: NodeJS.ProcessEnv; timeout?: number } = {},
): Promise<void> {
  const url = urlOf(webhook, env);
  const to = shownWebhook(webhook);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'temper' },
    body: JSON.stringify(alert),
    // It would lose the alert (a GET), or take it and what is secret in it elsewhere.
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
  }).catch((error: unknown) => {
    // Neither message nor cause goes on: they may quote the URL, and with it a token.
    throw new TemperError('SERVICE_UNAVAILABLE', {
      path: to,
      message: 'does not answer',
      found: reasonOf(error),
    });
  });
  await response.body?.cancel();
  if (response.ok) return;
  const { status } = response;
  const problem = { path: to, message: 'did not take the alert', found: `HTTP ${status}` };
  if (status >= 500 || status === 408 || status === 429)
    throw new TemperError('SERVICE_UNAVAILABLE', problem);
  throw refused(`${to} did not take the alert: HTTP ${status}`);
}

function urlOf(webhook: string, env: NodeJS.ProcessEnv): string {
  const name = /^env:(\w+)$/.exec(webhook)?.[1];
  const url = name ? env[name] : webhook;
  if (!url) throw refused(`the worker has no environment variable ${name}`);
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw refused(`${shownWebhook(webhook)} is no http(s) URL`);
  return url;
}

const refused = (message: string) => ApplicationFailure.nonRetryable(message, 'WEBHOOK_REFUSED');

function reasonOf(error: unknown): string {
  if ((error as Error).name === 'TimeoutError') return 'no answer in time';
  const cause = (error as { cause?: { code?: string } }).cause;
  return cause?.code ?? 'no connection';
}
