import { providers, type Provider } from '@temper/contracts';
import { runningServices } from '@temper/services';
import pc from 'picocolors';
import { usageError } from '../failure.js';
import type { Terminal } from '../terminal.js';
import { homeFolder } from './home.js';
import { metricsEnvironment } from './metrics-address.js';
import { WorkerProcess } from './worker-process.js';

/** A worker in the foreground; it joins servers and never starts them. */
export async function runWorker(terminal: Terminal, pool: Provider, metricsPort?: string): Promise<number> {
  if (!providers.includes(pool)) {
    throw usageError('--pool', 'no such pool', { found: pool, allowed: providers.join(', ') });
  }
  const metrics = metricsEnvironment('--metrics-port', metricsPort);
  const services = await runningServices({ folder: homeFolder() });
  if (!services) {
    throw usageError('temper worker', 'there is nothing to work for', {
      hint: 'temper up starts servers here; TEMPORAL_ADDRESS and S3_ENDPOINT name others',
    });
  }
  await using worker = await WorkerProcess.start(pool, { ...services.env, ...metrics.env });
  terminal.answer({ pool, pid: worker.child.pid, log: worker.log, metrics: metrics.url }, () => {
    terminal.say(`${pc.green('✔')} ${pool} worker ${worker.child.pid} is ready; its log is ${worker.log}`);
    if (metrics.url) terminal.say(`  metrics  ${metrics.url}`);
  });
  const stop = () => void worker.stop();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const code = await worker.exited;
  return code ?? 0;
}
