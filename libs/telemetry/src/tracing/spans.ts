import { SpanStatusCode, type Attributes, type Span, type Tracer } from '@opentelemetry/api';
import { TemperError, type SpanAttributes, type Spans } from '@temper/contracts';

/** The port over an OpenTelemetry tracer. */
export const spansOf = (tracer: Tracer): Spans => ({
  within: (name, attributes, work) =>
    tracer.startActiveSpan(name, { attributes: defined(attributes) }, async (span) => {
      try {
        return await work((more) => void span.setAttributes(defined(more)));
      } catch (error) {
        if (isInterruption(error)) span.setAttribute('temper.outcome', 'interrupted');
        else markFailed(span, error);
        throw error;
      } finally {
        span.end();
      }
    }),
  past: (name, milliseconds, attributes) => {
    const now = Date.now();
    tracer.startSpan(name, { startTime: now - milliseconds, attributes: defined(attributes) }).end(now);
  },
});

/** Work that was asked to stop has not failed. */
const isInterruption = (error: unknown) => error instanceof Error && error.name === 'Interrupted';

/** As the conventions have it: `error.type` is the code. */
export function markFailed(span: Span, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  span.setAttribute('error.type', codeOf(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** A TemperError's code, an ApplicationFailure's type, else what kind of error it is. */
export function codeOf(error: unknown): string {
  if (error instanceof TemperError) return error.code;
  const { type, name } = (error ?? {}) as { type?: unknown; name?: unknown };
  return typeof type === 'string' ? type : typeof name === 'string' ? name : 'UNKNOWN';
}

// Attributes of value undefined are not sent, and NaN has no JSON form.
const defined = (attributes: SpanAttributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).filter(([, value]) => value !== undefined && !Number.isNaN(value)),
  );
