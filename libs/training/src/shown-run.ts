import { createHash } from 'node:crypto';

/** `20261126-185100-1a2b` of `newRunId`, with the number of a sweep's trial; the time that a schedule appends to its own id. */
const withoutName = /(?:^|-)(\d{8}-\d{6}-[0-9a-z]{4}(?:-t\d+)?|\d{4}-\d\d-\d\dT[\d:.]+Z)$/;

/**
 * What titles and command lines show of a run: its id without the name of the pipeline, which every user of a machine
 * could read there. Of an id that somebody chose, the first eight hexadecimal digits of its SHA-256.
 */
export const shownRun = (runId: string): string =>
  withoutName.exec(runId)?.[1] ?? createHash('sha256').update(runId).digest('hex').slice(0, 8);
