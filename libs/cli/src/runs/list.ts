import { compileMoment, listedStatuses, parseDuration, type ListRuns } from '@temper/client';
import { nearest, TemperError, type Problem } from '@temper/contracts';
import { ago, duration } from '../report/format.js';
import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export interface ListFlags {
  readonly pipeline?: string;
  readonly team?: string;
  readonly sweep?: string;
  readonly status?: string;
  readonly since?: string;
  readonly before?: string;
  readonly limit: string;
  readonly offset: string;
}

export async function listRuns(terminal: Terminal, flags: ListFlags): Promise<void> {
  const wanted = wantedRuns(flags);
  await using session = await openSession(terminal);
  const runs = await session.client.list(wanted);
  terminal.answer(runs, () => {
    if (!runs.length) return terminal.say(narrowed(flags) ? 'no such runs' : NONE_YET);
    // A column for those who have teams.
    const teams = runs.some(({ team }) => team !== undefined);
    const rows = runs.map((r) => [
      r.runId,
      ...(teams ? [r.team ?? ''] : []),
      r.status,
      r.status === 'running' ? (r.stage ?? '') : '',
      ago(r.startedAt),
      duration(r.seconds),
      r.model ?? '',
    ]);
    const head = ['run', ...(teams ? ['team'] : []), 'status', 'stage', 'started', 'took', 'model'];
    terminal.say(table(head, rows, { right: [teams ? 5 : 4] }));
  });
}

const NONE_YET = 'no runs yet; temper quickstart makes one';

/** Whether there may be runs that were not asked for. */
const narrowed = ({ pipeline, team, sweep, status, since, before, offset }: ListFlags) =>
  offset !== '0' || [pipeline, team, sweep, status, since, before].some((given) => given !== undefined);

/** All mistakes at once. */
function wantedRuns(flags: ListFlags): ListRuns {
  const problems: Problem[] = [];
  const status = listedStatuses.find((s) => s === flags.status);
  if (flags.status !== undefined && !status) {
    const close = nearest(flags.status, listedStatuses);
    const hint = close ? { hint: `did you mean ${close}?` } : {};
    const allowed = listedStatuses.join(', ');
    problems.push({ path: '--status', message: 'no such status', found: flags.status, allowed, ...hint });
  }
  const wanted: ListRuns = {
    pipeline: flags.pipeline,
    team: flags.team,
    sweep: flags.sweep,
    status,
    since: moment('--since', flags.since, problems),
    before: moment('--before', flags.before, problems),
    limit: whole('--limit', flags.limit, 1, problems),
    offset: whole('--offset', flags.offset, 0, problems),
  };
  if (problems.length) throw new TemperError('SPEC_INVALID', problems);
  return wanted;
}

/** A time, or how long ago: `2d`, `2d ago`. */
function moment(path: string, text: string | undefined, problems: Problem[]): Date | undefined {
  if (text === undefined) return undefined;
  const age = parseDuration(text.replace(/\s+ago\s*$/, ''));
  if (age === undefined) return compileMoment(path, text, problems);
  const then = new Date(Date.now() - age);
  // Longer ago than dates go back is since ever.
  return Number.isNaN(then.getTime()) ? new Date(0) : then;
}

function whole(path: string, text: string, least: number, problems: Problem[]): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  problems.push({ path, message: 'not a number of runs', found: text, allowed: `${least} or more` });
  return least;
}
