import { Command, type CommanderError } from 'commander';
import { registerBuilds } from './commands/builds.js';
import { registerDatasets } from './commands/datasets.js';
import { registerDoctor } from './commands/doctor.js';
import { registerDown } from './commands/down.js';
import { registerGc } from './commands/gc.js';
import { registerKeys } from './commands/keys.js';
import { registerModels } from './commands/models.js';
import { registerPredict } from './commands/predict.js';
import { registerQuickstart } from './commands/quickstart.js';
import { registerRun } from './commands/run.js';
import { registerRuns } from './commands/runs.js';
import { registerSchedule } from './commands/schedule.js';
import { registerSchema } from './commands/schema.js';
import { registerStore } from './commands/store.js';
import { registerSweep } from './commands/sweep.js';
import { registerUp } from './commands/up.js';
import { registerWorker } from './commands/worker.js';

/** Commands declare themselves; what they need is imported when they run, so `--help` is instant. */
export function buildProgram(): Command {
  const program = new Command('temper')
    .description('Durable fine-tuning of language models.')
    .version('0.1.0')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .addHelpText('after', '\nFirst time here? temper quickstart\nThe fields of a spec: docs/spec.md');
  for (const register of [
    registerQuickstart,
    registerRun,
    registerRuns,
    registerModels,
    registerKeys,
    registerDatasets,
    registerPredict,
    registerSchedule,
    registerSweep,
    registerUp,
    registerDown,
    registerGc,
    registerStore,
    registerDoctor,
    registerWorker,
    registerBuilds,
    registerSchema,
  ]) {
    register(program);
  }
  return exitByException(program);
}

/** What was typed does not fit the command, which is told with the error. */
export class WrongUsage extends Error {
  constructor(
    readonly command: Command,
    override readonly cause: CommanderError,
  ) {
    super(cause.message);
  }
}

function exitByException(command: Command): Command {
  command.exitOverride((error) => {
    throw error.exitCode === 0 || error.code.startsWith('commander.help')
      ? error
      : new WrongUsage(command, error);
  });
  // Reported as all other mistakes are.
  command.configureOutput({ outputError: () => undefined });
  command.commands.forEach(exitByException);
  return command;
}
