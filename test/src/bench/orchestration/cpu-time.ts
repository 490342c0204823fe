import { readFileSync } from 'node:fs';

/** Of /proc/PID/stat; 100 ticks a second on every Linux. */
const MS_PER_TICK = 10;

/** CPU milliseconds that processes have used so far; NaN where there is no /proc. */
export function cpuTime(pids: readonly number[]): number {
  try {
    return pids.reduce((sum, pid) => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name in parentheses may hold spaces; utime and stime are the 12th and 13th field after it.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return sum + (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    }, 0);
  } catch {
    return NaN;
  }
}
