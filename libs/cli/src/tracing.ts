import type { Command } from 'commander';
import { tracingSettings } from '@temper/telemetry';

/** Commands that run for as long as somebody likes: a span of days tells nothing. */
const lasting = new Set(['up', 'worker']);

/** A command as the root span of what it sets going (`temper run`). Nothing is loaded where tracing is off. */
export async function traced<T>(command: Command, work: () => Promise<T>): Promise<T> {
  if (lasting.has(command.name()) || !tracingSettings()) return work();
  const { startTracing } = await import('@temper/telemetry/tracing');
  await using tracing = startTracing('temper-cli');
  if (!tracing) return await work();
  const name = nameOf(command);
  // Below the span of a script or a CI job that left its context in the environment.
  return await tracing.below(process.env, () => tracing.spans.within(name, {}, () => work()));
}

/** For the Temporal client: a run belongs to the trace of the command that started it. */
export async function clientInterceptors() {
  if (!tracingSettings()) return [];
  const { ClientInterceptor } = await import('@temper/telemetry/tracing');
  return [new ClientInterceptor()];
}

/** `temper runs retry` */
function nameOf(command: Command): string {
  const names: string[] = [];
  for (let c: Command | null = command; c; c = c.parent) names.unshift(c.name());
  return names.join(' ');
}
