import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { formatProblem, TemperError, visible } from '@temper/contracts';
import { createLogger } from './logging.js';
import { startTelemetry, type WorkerTelemetry } from './telemetry.js';

/**
 * Runs one worker of a pool until SIGTERM, SIGINT, or the end of the process that started it.
 * Exit codes: 0, 1 failed, 2 refused.
 */
export async function runWorkerProcess(
  pool: string,
  create: (logger: Logger, telemetry: WorkerTelemetry) => Promise<Worker>,
): Promise<void> {
  const logger = createLogger();
  try {
    await using telemetry = await startTelemetry(pool, logger);
    const worker = await create(logger, telemetry);
    const running = worker.run();
    stopOnRequest(worker, logger);
    while (worker.getState() === 'INITIALIZED') await sleep(5);
    // Whoever started this process waits for this line.
    process.stdout.write('worker ready\n');
    await running;
    logger.info('worker stopped');
  } catch (error) {
    process.exit(report(error, logger));
  }
  process.exit(0);
}

function stopOnRequest(worker: Worker, logger: Logger): void {
  let asked = false;
  const stop = (reason: string) => {
    if (asked && reason.startsWith('SIG')) process.exit(1);
    if (asked) return;
    asked = true;
    logger.info({ reason }, 'worker stops');
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  if (process.env['TEMPER_EXIT_ON_STDIN_END'] !== '1') return;
  // The pipe ends with the process at its other end, however that ends: an embedded worker is never left behind.
  process.stdin.on('close', () => stop('the parent process is gone')).resume();
}

/** A refusal is for people: its problems, no stack. */
function report(error: unknown, logger: Logger): number {
  if (error instanceof TemperError) {
    for (const problem of error.problems)
      process.stderr.write(`${error.code} ${visible(formatProblem(problem))}\n`);
    return 2;
  }
  logger.fatal({ err: error }, 'worker failed');
  return 1;
}
