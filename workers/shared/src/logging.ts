import { DefaultLogger, Runtime, type LogEntry } from '@temporalio/worker';
import { readableLine, type LogRecord } from '@temper/telemetry';
import { destination, pino, type Logger } from 'pino';

/** Of a log entry's attributes, those that say nothing to people. */
const noise = new Set(['taskToken', 'sdkComponent', 'namespace', 'activityId', 'isLocal', 'workflowRunId']);

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const wantedLevel = () => process.env['TEMPER_LOG_LEVEL']?.toLowerCase() ?? 'info';

/** One line of JSON an entry on stderr, for people where that is a terminal; level by TEMPER_LOG_LEVEL (default info). */
export function createLogger(): Logger {
  const wanted = wantedLevel();
  const level = levels.includes(wanted) ? wanted : 'info';
  const stderr = destination({ fd: 2, sync: true });
  const readable = {
    write: (line: string) => void stderr.write(`${readableLine(JSON.parse(line) as LogRecord)}\n`),
  };
  const logger = pino({ level, base: { pid: process.pid } }, process.stderr.isTTY ? readable : stderr);
  if (level !== wanted) logger.warn({ found: wanted, allowed: levels.join(', ') }, 'TEMPER_LOG_LEVEL');
  return logger;
}

/** Temporal's own entries go the same way; its own numbers are served at `metricsAddress`. */
export function installRuntime(logger: Logger, metricsAddress?: string): void {
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
    logger: new DefaultLogger(logger.isLevelEnabled('debug') ? 'DEBUG' : 'INFO', write),
    shutdownSignals: [],
    ...(metricsAddress
      ? {
          telemetryOptions: {
            metrics: {
              prometheus: {
                bindAddress: metricsAddress,
                countersTotalSuffix: true,
                unitSuffix: true,
                useSecondsForDurations: true,
              },
            },
          },
        }
      : {}),
  });
}
