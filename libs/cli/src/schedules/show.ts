import type { ScheduleInfo } from '@temper/client';
import { sourceInWords, sourcesInWords } from '@temper/contracts';
import { shownSpec } from '@temper/spec';
import { pc } from '../style.js';
import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';
import { localTime, until } from './time.js';

/** As it is printed: without what is secret in the addresses of its spec. */
export const shownSchedule = <S extends ScheduleInfo>(schedule: S): S =>
  schedule.spec ? { ...schedule, spec: shownSpec(schedule.spec) } : schedule;

export async function showSchedule(terminal: Terminal, id: string): Promise<void> {
  await using session = await openSession(terminal);
  const schedule = await session.client.schedules.show(id);
  const workers = await session.client.workers('cpu').catch(() => []);
  terminal.answer({ ...shownSchedule(schedule), workers: workers.length }, () => {
    printSchedule(terminal, schedule);
    if (!workers.length && !schedule.paused) {
      terminal.say(`${pc.yellow('!')} no worker is running: runs are started, and wait for temper up`);
    }
  });
}

export function printSchedule(terminal: Terminal, s: ScheduleInfo): void {
  const state = s.paused
    ? pc.yellow('  paused')
    : s.remainingActions === 0
      ? pc.yellow('  no starts left')
      : '';
  terminal.say(`${pc.bold(s.id)}  ${s.times}, ${s.timezone}${state}`);
  if (s.note) terminal.say(`  note     ${s.note}`);
  const { spec } = s;
  if (spec) {
    terminal.say(
      `  pipeline ${s.pipeline}: ${spec.method.type} on ${sourceInWords(spec.model.base)}, data ${sourcesInWords(spec.dataset.train)}`,
    );
  }
  terminal.say(`  rules    ${rulesOf(s).join('; ')}`);
  const counts = [`started ${s.started}`, `skipped ${s.skipped} (a run still went on)`];
  terminal.say(`  so far   ${[...counts, `missed ${s.missed} (the server was down)`].join(', ')}`);
  printRuns(terminal, s);
  printNext(terminal, s);
}

function rulesOf(s: ScheduleInfo): string[] {
  const when = (label: string, iso: string | undefined) =>
    iso ? [`${label} ${localTime(iso, s.timezone)}`] : [];
  return [
    `overlap ${s.overlap}`,
    `catch-up window ${s.catchupWindow}`,
    ...(s.jitter ? [`jitter ${s.jitter}`] : []),
    ...when('not before', s.startAt),
    ...when('not after', s.endAt),
    ...(s.pauseOnFailure ? ['pauses on failure'] : []),
    ...(s.onlyNewData ? ['only new data'] : []),
    ...(s.remainingActions === undefined ? [] : [`${s.remainingActions} starts left`]),
  ];
}

function printRuns(terminal: Terminal, s: ScheduleInfo): void {
  terminal.say();
  if (!s.recent.length) return terminal.note('  no runs yet');
  const colour = { failed: pc.red, refused: pc.yellow, cancelled: pc.yellow } as const;
  const rows = s.recent.map(({ runId, plannedAt, at, status = 'unknown' }) => [
    `  ${localTime(plannedAt, s.timezone)}`,
    localTime(at, s.timezone).slice(-8),
    (colour[status as keyof typeof colour] ?? String)(status),
    runId,
  ]);
  terminal.say(table(['  planned', 'started', 'status', 'run'], rows));
  const failed = s.recent.findLast((run) => run.status === 'failed');
  if (failed) terminal.note(`  temper runs show ${failed.runId} tells why it failed`);
}

/** The next starts, by the clock of the schedule's zone. */
export function printNext(terminal: Terminal, s: ScheduleInfo, limit = s.next.length): void {
  for (const time of s.next.slice(0, limit)) {
    terminal.say(`  next     ${localTime(time, s.timezone)} ${s.timezone}, ${until(time)}`);
  }
  if (s.paused) terminal.note(`  paused: temper schedule resume ${s.id}`);
  else if (!s.next.length) terminal.note('  no start will come');
  for (const note of s.daylight ?? []) terminal.say(`${pc.yellow('!')} ${note}`);
}
