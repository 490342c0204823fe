import { Command } from 'commander';
import { Terminal } from './terminal.js';
import { traced } from './tracing.js';

/** What an action returns: nothing is success. */
export type Outcome = void | number;

/**
 * A command with `--json`. Its action runs with a terminal; what it throws is reported without a stack,
 * and the process ends with its exit code. Modules with weight are imported inside the action.
 */
export function command<Args extends unknown[], Options extends object = Record<string, never>>(
  signature: string,
  description: string,
  setUp: (command: Command) => void,
  action: (terminal: Terminal, options: Options & { json?: boolean }, ...args: Args) => Promise<Outcome>,
): Command {
  const defined = new Command(signature.split(' ')[0]!).description(description);
  for (const argument of signature.split(' ').slice(1)) defined.argument(argument);
  setUp(defined);
  defined.option('--json', 'print one JSON object on stdout, all else on stderr');
  defined.option(
    '--home <folder>',
    'where Temper keeps its state (TEMPER_HOME); default the nearest .temper',
  );
  defined.action(async (...received: unknown[]) => {
    const options = defined.opts<Options & { json?: boolean; home?: string }>();
    if (options.home !== undefined) process.env.TEMPER_HOME = options.home;
    const args = received.slice(0, -2) as Args;
    try {
      if (process.platform === 'win32' && defined.name() !== 'doctor') {
        (await import('@temper/services/platform')).refuseWindows(process);
      }
      process.exitCode =
        (await traced(defined, async () => action(new Terminal(options), options, ...args))) ?? 0;
    } catch (error) {
      const { reportFailure } = await import('./failure.js');
      process.exitCode = reportFailure(error, options.json === true);
    }
  });
  return defined;
}
