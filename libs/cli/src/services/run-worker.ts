import { runningServices } from '@temper/services';
import { pc } from '../style.js';
import { usageError } from '../failure.js';
import { exitCodes } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';
import { Closing } from './closing.js';
import { homeFolder, whereLooked } from './home.js';
import { metricsEnvironment } from './metrics-address.js';
import { workersOf, type WorkerFlags } from './worker-options.js';
import { WorkerProcess } from './worker-process.js';

/** Workers in the foreground, one a device; they join servers and never start them. When one ends, all do. */
export async function runWorker(
  terminal: Terminal,
  flags: WorkerFlags & { readonly metricsPort?: string },
): Promise<number> {
  const { pool, buildId: build } = flags;
  const environments = workersOf(flags);
  const metrics = metricsEnvironment('--metrics-port', flags.metricsPort);
  if (metrics.url && environments.length > 1) {
    throw usageError('--metrics-port', 'one port cannot serve several workers', {
      found: `${environments.length} devices`,
      allowed: '0 (a free port each, named in its log), or one worker a command',
    });
  }
  const services = await runningServices({ folder: homeFolder() });
  if (!services) {
    throw usageError('temper worker', 'there is nothing to work for', {
      found: whereLooked(),
      hint: 'temper up starts servers here; TEMPORAL_ADDRESS and S3_ENDPOINT name others',
    });
  }
  await using workers = new Closing();
  const started: WorkerProcess[] = [];
  for (const environment of environments) {
    const env = { ...services.env, ...metrics.env, ...environment };
    const worker = workers.use(await WorkerProcess.start(pool, env));
    started.push(worker);
    const device = environment['TEMPER_DEVICE'];
    const answer = { pool, pid: worker.child.pid, log: worker.log, device, build, metrics: metrics.url };
    terminal.answer(answer, () => {
      terminal.say(
        `${pc.green('✔')} ${pool} worker ${worker.child.pid}${device === undefined ? '' : ` on device ${device}`} is ready; its log is ${worker.log}`,
      );
      if (metrics.url) terminal.say(`  metrics  ${metrics.url}`);
    });
  }
  if (build) terminal.note(`  new runs start on it after temper builds set-current ${build}`);
  let asked = false;
  const stop = () => {
    asked = true;
    started.forEach((worker) => void worker.stop());
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const code = await Promise.race(started.map((worker) => worker.exited));
  if (!asked) {
    const logs = started.map(({ log }) => log).join(', ');
    terminal.warn(`a worker ended by itself (see ${logs}); what it did goes on where another one runs`);
  }
  // Killed: no status of its own, and yet a reason for whoever watches this command to start it again.
  return code ?? (asked ? exitCodes.done : exitCodes.failed);
}
