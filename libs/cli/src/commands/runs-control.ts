import type { Command } from 'commander';
import { command } from '../define.js';

interface By {
  by?: string;
  note?: string;
  comment?: string;
}

interface Change extends By {
  learningRate?: string;
  evalStrategy?: string;
  evalSteps?: string;
  stop?: boolean;
}

/** What can be done to a run while it is open, and with its checkpoints. */
export function registerRunControl(runs: Command): void {
  const by = (c: Command) => c.option('--by <name>', 'who asks for it; default: your user name');
  const asks = (name: 'pause' | 'resume', description: string) =>
    command<[string], By>(
      `${name} <id>`,
      description,
      (c) => by(c).option('--note <text>', 'why; kept with the run'),
      async (terminal, options, id) =>
        (await import('../runs/control.js')).controlRun(terminal, name, id, options),
    );
  const decides = (name: 'approve' | 'reject', description: string) =>
    command<[string], By>(
      `${name} <id>`,
      description,
      (c) => by(c).option('--comment <text>', 'why; kept with the run and the model'),
      async (terminal, options, id) =>
        (await import('../runs/control.js')).controlRun(terminal, name, id, options),
    );
  runs.addCommand(asks('pause', 'write a checkpoint and free the device; other stages end first'));
  runs.addCommand(asks('resume', 'go on exactly where it was paused'));
  runs.addCommand(
    command<[string], Change>(
      'change <id>',
      'other settings from the next step on, while it trains',
      (c) =>
        by(c)
          .option('--learning-rate <rate>', 'the peak of the schedule')
          .option('--eval-strategy <no|epoch|steps>', 'when the validation split is evaluated')
          .option('--eval-steps <n>', 'steps between evaluations')
          .option('--stop', 'end training here, with its evaluation and checkpoint')
          .option('--note <text>', 'why; kept with the run and the model'),
      async (terminal, options, id) => (await import('../runs/control.js')).changeRun(terminal, id, options),
    ),
  );
  runs.addCommand(decides('approve', 'publish the model of a run that waits for approval'));
  runs.addCommand(decides('reject', 'end a run that waits for approval without publishing'));
  runs.addCommand(
    command<[string]>(
      'checkpoints <id>',
      'steps that a run can be forked from, with their metrics',
      () => {},
      async (terminal, _, id) => (await import('../runs/checkpoints.js')).listCheckpoints(terminal, id),
    ),
  );
  runs.addCommand(auditCommand());
  runs.addCommand(
    command<[string], { step?: string; set: string[]; detach?: boolean }>(
      'fork <id>',
      'a new run that trains on from a checkpoint of this one, with changed settings',
      (c) =>
        c
          .option('--step <n>', 'of the checkpoint; default: the newest')
          .option('--set <path=value>', 'change a field of the spec (repeatable)', collect, [])
          .option('--detach', 'print the run id and leave'),
      async (terminal, options, id) => (await import('../runs/fork.js')).forkRun(terminal, id, options),
    ),
  );
}

const auditCommand = () =>
  command<[string]>(
    'audit <id>',
    'train again from checkpoint to checkpoint: is each what led to it? Exit 1 names a changed one, 3 cannot be told here',
    () => {},
    async (terminal, _, id) => (await import('../runs/audit.js')).auditRunOf(terminal, id),
  );

const collect = (value: string, previous: string[]) => [...previous, value];
