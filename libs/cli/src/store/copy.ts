import { createSourceStore } from '@temper/s3';
import { checkStore, copyStore } from '@temper/storage';
import { exitCodes } from '../exit-codes.js';
import { usageError } from '../failure.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';
import { megabytes } from './bytes.js';

export interface CopyFlags {
  readonly to?: string;
  readonly from?: string;
  readonly credential?: string;
}

export interface CheckFlags {
  readonly quick?: boolean;
}

export async function copy(terminal: Terminal, { to, from, credential }: CopyFlags) {
  const named = to ?? from;
  if (named === undefined || (to !== undefined && from !== undefined))
    throw usageError(
      to === undefined ? '--to' : '--from',
      'one of --to and --from says which the other store is',
    );
  const bucket = /^s3:\/\/([^/]+)\/?$/.exec(named)?.[1];
  if (!bucket)
    throw usageError(to ? '--to' : '--from', 'not a bucket', { found: named, allowed: 's3://BUCKET' });
  await using session = await openSession(terminal);
  const other = createSourceStore(bucket, { credential });
  try {
    if (to) await other.ensureBucket();
    const [source, target] = to ? [session.store, other] : [other, session.store];
    const copied = await copyStore(source, target);
    terminal.answer(copied, () => {
      terminal.say(
        `${copied.objects} objects copied, ${megabytes(copied.bytes)}; ${copied.present} were there already`,
      );
      if (copied.unguarded)
        terminal.warn(
          'collections could not be held off (the rights are missing): see that none ran meanwhile',
        );
    });
  } finally {
    other.close();
  }
}

export async function check(terminal: Terminal, { quick = false }: CheckFlags): Promise<number> {
  await using session = await openSession(terminal);
  const found = await checkStore(session.store, { contents: !quick });
  const { objects, bytes, damaged, missing } = found;
  const whole = !damaged.length && !missing.length;
  terminal.answer({ whole, ...found }, () => {
    for (const { key, message } of damaged) terminal.say(`damaged  ${key}  ${message}`);
    for (const { key, message } of missing) terminal.say(`missing  ${key}  ${message}`);
    terminal.say(`${objects} objects, ${megabytes(bytes)}: ${whole ? 'whole' : 'NOT whole'}`);
  });
  return whole ? exitCodes.done : exitCodes.failed;
}
