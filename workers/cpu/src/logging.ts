import { DefaultLogger, Runtime, type LogEntry } from '@temporalio/worker';
import { destination, pino, type Logger } from 'pino';

/** Of a log entry's attributes, those that say nothing to people. */
const noise = new Set(['taskToken', 'sdkComponent', 'namespace', 'activityId', 'isLocal', 'workflowRunId']);

/**
 * One line of JSON an entry on stderr, with run, stage and attempt; level by TEMPER_LOG_LEVEL (default info).
 * Temporal's own entries go the same way.
 */
export function installLogger(): Logger {
  const level = process.env['TEMPER_LOG_LEVEL'] ?? 'info';
  const logger = pino({ level, base: { pid: process.pid } }, destination({ fd: 2, sync: true }));
  const write = ({ level: severity, message, meta = {} }: LogEntry) => {
    // A device's worker has no workflows on purpose.
    if (/^No (workflows|Nexus services) registered/.test(message)) return;
    const attributes = Object.entries(meta).filter(([name]) => !noise.has(name));
    const { error, ...rest } = Object.fromEntries(attributes);
    const method = severity.toLowerCase() as 'trace' | 'debug' | 'info' | 'warn' | 'error';
    logger[method]({ ...rest, ...(error ? { err: error } : {}) }, message);
  };
  // The process decides itself when it ends: the SDK's own signal handlers stay off.
  Runtime.install({
    logger: new DefaultLogger(level === 'debug' || level === 'trace' ? 'DEBUG' : 'INFO', write),
    shutdownSignals: [],
  });
  return logger;
}
