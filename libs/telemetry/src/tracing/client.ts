import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client/index.js';

type Interceptor = OpenTelemetryWorkflowClientInterceptor;

/**
 * Spans for what changes something: start, signal, update, cancel. A run that is followed is described and queried
 * twice a second; spans of that would bury the others.
 */
export class ClientInterceptor extends OpenTelemetryWorkflowClientInterceptor {
  override async query(...[input, next]: Parameters<Interceptor['query']>): ReturnType<Interceptor['query']> {
    return next(input);
  }

  override async describe(
    ...[input, next]: Parameters<Interceptor['describe']>
  ): ReturnType<Interceptor['describe']> {
    return next(input);
  }
}
