// What costs nothing to import. Metrics and traces are imported where they are switched on:
// @temper/telemetry/metrics, @temper/telemetry/tracing.
export { readableLine, type LogRecord } from './logs/readable.js';
export { tracingSettings, type TracingSettings } from './tracing/settings.js';
