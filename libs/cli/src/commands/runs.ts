import { Command } from 'commander';
import { command } from '../define.js';
import type { ListFlags } from '../runs/list.js';
import { registerRunControl } from './runs-control.js';

export function registerRuns(program: Command): void {
  const runs = new Command('runs').description('list, look at and control runs');
  runs.addCommand(listCommand());
  runs.addCommand(
    command<[string]>(
      'show <id>',
      'what happened, where, and what to do next',
      () => {},
      async (terminal, _, id) => (await import('../runs/show.js')).showRun(terminal, id),
    ),
  );
  runs.addCommand(
    command<[string]>(
      'watch <id>',
      'follow a run until it ends; ends with its exit code',
      () => {},
      async (terminal, _, id) => (await import('../runs/watch.js')).watchRun(terminal, id),
    ),
  );
  runs.addCommand(
    command<[string], { follow?: boolean }>(
      'metrics <id>',
      'every logged step and evaluation; with --json one JSON line each',
      () => {},
      async (terminal, _, id) => (await import('../runs/metrics.js')).showMetrics(terminal, id),
    ),
  );
  runs.addCommand(
    command<[string], { lines: string }>(
      'logs <id>',
      'what the workers logged about a run',
      (c) => c.option('--lines <n>', 'the last n', '200'),
      async (terminal, options, id) => (await import('../runs/logs.js')).showLogs(terminal, id, options),
    ),
  );
  runs.addCommand(
    command<[string]>(
      'cancel <id>',
      'end a run; its checkpoints stay',
      () => {},
      async (terminal, _, id) => (await import('../runs/cancel.js')).cancelRun(terminal, id),
    ),
  );
  runs.addCommand(
    command<[string]>(
      'delete <id>',
      'remove the log, reports and checkpoints of a run that has ended; what it published stays',
      () => {},
      async (terminal, _, id) => (await import('../store/delete.js')).deleteRun(terminal, id),
    ),
  );
  runs.addCommand(retryCommand());
  registerRunControl(runs);
  program.addCommand(runs);
}

const listCommand = () =>
  command<[], ListFlags>(
    'list',
    'newest first',
    (c) =>
      c
        .option('--pipeline <name>')
        .option('--team <name>', 'whose pipeline has this `team`')
        .option('--sweep <id>', 'its trials, which are left out otherwise')
        .option(
          '--status <status>',
          'running, paused, awaiting-approval, completed, refused, unchanged, failed or cancelled',
        )
        .option('--since <time>', 'started not before: 2026-03-01, 2026-03-01T03:00:00Z, or 2d ago')
        .option('--before <time>', 'started before')
        .option('--limit <n>', 'at most so many', '20')
        .option('--offset <n>', 'leave out so many of the newest', '0'),
    async (terminal, options) => (await import('../runs/list.js')).listRuns(terminal, options),
  );

const retryCommand = () =>
  command<[string], { detach?: boolean; from?: string }>(
    'retry <id>',
    'go on with a run that failed, was cancelled or was interrupted, from its last checkpoint',
    (c) =>
      c
        .option('--detach', 'do not follow it')
        .option(
          '--from <stage>',
          'do this stage and all after it again (ingest, preprocess, train, evaluate, publish)',
        ),
    async (terminal, options, id) => (await import('../runs/retry.js')).retryRun(terminal, id, options),
  );
