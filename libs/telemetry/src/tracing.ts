export { ClientInterceptor } from './tracing/client.js';
export { codeOf, markFailed } from './tracing/spans.js';
export { startTracing, type ServiceName, type Tracing } from './tracing/start.js';
