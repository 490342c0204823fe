import type { CollectionSchedule, PastCollection } from '@temper/client';
import { collectedInWords } from '@temper/contracts';
import { usageError } from '../failure.js';
import { localTime, until } from '../schedules/time.js';
import { openSession } from '../services/session.js';
import { pc } from '../style.js';
import type { Terminal } from '../terminal.js';
import { megabytes } from './bytes.js';
import type { GcFlags } from './gc.js';

/** From now on by the clock; `none` takes it away. */
export async function scheduleGc(terminal: Terminal, schedule: string, flags: GcFlags): Promise<void> {
  const { dryRun, grace, timezone, queue, list, retention } = flags;
  if (list || retention?.length) {
    const found = list ? '--list' : '--retention';
    const hint = 'temper gc --retention … changes what the store keeps, and every collection goes by that';
    throw usageError('--schedule', 'is about later collections', { found, hint });
  }
  await using session = await openSession(terminal);
  const { collections } = session.client;
  if (schedule === 'none') {
    await collections.unschedule();
    terminal.answer({ schedule: 'none' }, () =>
      terminal.say(`${pc.green('✔')} nothing is collected by the clock any more`),
    );
    return;
  }
  const made = await collections.schedule({ schedule, timezone, queue, dryRun, grace });
  terminal.answer(made, () => {
    terminal.say(`${pc.green('✔')} from now on by the clock`);
    print(terminal, made);
    if (session.temporary) terminal.note('  collected is only while temper up is running here');
  });
}

export async function showGc(terminal: Terminal): Promise<void> {
  await using session = await openSession(terminal);
  const shown = await session.client.collections.show();
  terminal.answer(shown, () => print(terminal, shown));
}

function print(terminal: Terminal, shown: CollectionSchedule): void {
  const { times, timezone, dryRun, grace, queue, paused, next, skipped, recent } = shown;
  terminal.say(`${pc.bold('temper gc')}  ${times}, ${timezone}${paused ? pc.yellow('  paused') : ''}`);
  const rules = [`grace ${grace}`, `queue ${queue}`, ...(dryRun ? ['removes nothing (--dry-run)'] : [])];
  if (skipped) rules.push(`skipped ${skipped} (one still went on)`);
  terminal.say(`  rules    ${rules.join('; ')}`);
  for (const past of recent) printPast(terminal, past, timezone);
  const [first] = next;
  if (first) terminal.say(`  next     ${localTime(first, timezone)} ${timezone}, ${until(first)}`);
  const last = recent.at(-1)?.collected;
  for (const { why, objects, bytes } of last?.removed ?? [])
    terminal.note(`  ${last?.dryRun ? 'would go' : 'went'}  ${objects} objects, ${megabytes(bytes)}: ${why}`);
  for (const { why, objects, bytes } of last?.kept ?? [])
    terminal.note(`  kept  ${objects} objects, ${megabytes(bytes)}: ${why}`);
}

function printPast(terminal: Terminal, { at, status, collected, error }: PastCollection, zone: string) {
  const words = collected ? collectedInWords(collected) : (error ?? '');
  const colour = status === 'failed' ? pc.red : String;
  terminal.say(`  ${localTime(at, zone)}  ${colour(status)}  ${words}`);
}
