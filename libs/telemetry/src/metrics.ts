export { freePort, serveMetrics, type MetricsServer } from './metrics/serve.js';
export { WorkerMetrics } from './metrics/worker-metrics.js';
export type { TrainingProgress, TrainingWatch } from './metrics/training-metrics.js';
