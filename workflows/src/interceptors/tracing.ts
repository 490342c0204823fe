import { trace } from '@opentelemetry/api';
import { defineSearchAttributeKey } from '@temporalio/common';
import {
  OpenTelemetryInboundInterceptor,
  OpenTelemetryInternalsInterceptor,
  OpenTelemetryOutboundInterceptor,
} from '@temporalio/interceptors-opentelemetry/lib/workflow/index.js';
import {
  workflowInfo,
  type WorkflowInboundCallsInterceptor,
  type WorkflowInterceptors,
} from '@temporalio/workflow';

const pipeline = defineSearchAttributeKey('TemperPipeline', 'KEYWORD');

/** A run that is watched answers a query twice a second: no spans of that. */
class Inbound extends OpenTelemetryInboundInterceptor {
  override handleQuery(...[input, next]: Parameters<OpenTelemetryInboundInterceptor['handleQuery']>) {
    return next(input);
  }
}

/** The workflow's span says which run it is and how it ended. */
const marking: WorkflowInboundCallsInterceptor = {
  execute: async (input, next) => {
    const span = trace.getActiveSpan();
    const { workflowId, typedSearchAttributes } = workflowInfo();
    try {
      const result = await next(input);
      const status = (result as { status?: string } | undefined)?.status;
      if (status) span?.setAttribute('temper.status', status);
      return result;
    } catch (error) {
      const { type, name } = error as { type?: string | null; name: string };
      span?.setAttribute('error.type', type ?? name);
      throw error;
    } finally {
      span?.setAttributes({
        'temper.run': workflowId,
        'temper.pipeline': typedSearchAttributes.get(pipeline),
      });
    }
  },
};

/**
 * Only in the bundle of a worker that traces. It adds headers to activities and nothing to the order of commands, so
 * histories replay with it and without.
 */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [new Inbound(), marking],
  outbound: [new OpenTelemetryOutboundInterceptor()],
  internals: [new OpenTelemetryInternalsInterceptor()],
});
