import type { Command } from 'commander';
import type { Provider } from '@temper/contracts';
import { command } from '../define.js';

interface Options {
  pool: Provider;
  slots?: string;
  device: string[];
  buildId?: string;
  metricsPort?: string;
}

export function registerWorker(program: Command): void {
  program.addCommand(
    command<[], Options>(
      'worker',
      'run a worker of a pool until Ctrl-C (TEMPORAL_ADDRESS and S3_ENDPOINT, or what temper up started here)',
      (c) =>
        c
          .requiredOption('--pool <cpu|webgpu|cuda>', 'which pool', 'cpu')
          .option(
            '--slots <number>',
            'trainings at a time, of the CPU pool; the cores are divided among them',
          )
          .option('--device <number>', 'of the CUDA pool; repeated, a worker each', collect, [])
          .option('--build-id <name>', 'runs that start on this build stay on it: docs/rollout.md')
          .option('--metrics-port <n>', 'serve Prometheus metrics there (or TEMPER_METRICS_PORT)'),
      async (terminal, options) => {
        const { runWorker } = await import('../services/run-worker.js');
        return runWorker(terminal, options);
      },
    ),
  );
}

const collect = (value: string, previous: string[]) => [...previous, value];
