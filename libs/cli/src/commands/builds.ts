import { Command } from 'commander';
import { command } from '../define.js';

export function registerBuilds(program: Command): void {
  const builds = new Command('builds').description('roll out new builds of the workers: docs/rollout.md');
  builds.addCommand(
    command(
      'list',
      'all of them, with how many runs are on each and whether its workers may go',
      () => {},
      async (terminal) => (await import('../builds/list.js')).listBuilds(terminal),
    ),
  );
  builds.addCommand(
    command<[string]>(
      'set-current <build>',
      'start new runs on it; the one before it drains (also the way back)',
      () => {},
      async (terminal, _, build) => (await import('../builds/route.js')).setCurrentBuild(terminal, build),
    ),
  );
  builds.addCommand(
    command<[string], { percentage: string }>(
      'ramp <build>',
      'start a part of the new runs on it',
      (c) => c.requiredOption('--percentage <number>', 'of the new runs; 0 ends the trial'),
      async (terminal, { percentage }, build) =>
        (await import('../builds/route.js')).rampBuild(terminal, build, percentage),
    ),
  );
  program.addCommand(builds);
}
