import { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.js';
import { buildProgram, WrongUsage } from './program.js';

// The AWS SDK would print its plans for Node versions before every answer, in this process and in the workers.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

let unwritten = false;
// `temper … | head` closes our output early: that is no failure. A full disk under it is one, but nothing to end servers for.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  if (!unwritten) {
    process.once('exit', () => (process.exitCode ||= exitCodes.failed));
    process.stderr.write(`the output cannot be written: ${error.message}\n`);
  }
  unwritten = true;
});
// Nobody is left to be told.
process.stderr.on('error', () => undefined);

try {
  await buildProgram().parseAsync();
} catch (error) {
  if (error instanceof WrongUsage) {
    const { reportUsage } = await import('./usage.js');
    process.exitCode = reportUsage(error, process.argv.slice(2));
  } else if (error instanceof CommanderError) {
    // --help, --version, and a group of commands without one: printed already.
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  } else throw error;
}
