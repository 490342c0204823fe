import type { Command } from 'commander';
import { command } from '../define.js';

export function registerWorker(program: Command): void {
  program.addCommand(
    command<[], { pool: 'cpu' | 'webgpu' | 'cuda'; metricsPort?: string }>(
      'worker',
      'run a worker of a pool until Ctrl-C (TEMPORAL_ADDRESS and S3_ENDPOINT, or what temper up started here)',
      (c) =>
        c
          .requiredOption('--pool <cpu|webgpu|cuda>', 'which pool', 'cpu')
          .option('--metrics-port <n>', 'serve Prometheus metrics there (or TEMPER_METRICS_PORT)'),
      async (terminal, { pool, metricsPort }) => {
        const { runWorker } = await import('../services/run-worker.js');
        return runWorker(terminal, pool, metricsPort);
      },
    ),
  );
}
