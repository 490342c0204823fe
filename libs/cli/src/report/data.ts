import type { DataReport } from '@temper/contracts';
import { count } from './format.js';
import { pc } from '../style.js';
import type { Terminal } from '../terminal.js';

/** Where train is a list of sources: what became of the rows of each. */
function printSources(terminal: Terminal, data: DataReport | undefined): void {
  for (const { source, weight, rows, kept, dropped, examples } of data?.sources ?? []) {
    const reasons = Object.entries(dropped).map(([reason, n]) => `${count(n)} ${reason}`);
    const why = reasons.length ? ` (${reasons.join(', ')})` : '';
    const said = `${count(rows)} rows, ${count(kept)} kept${why}, weight ${weight}: ${count(examples)} examples in an epoch`;
    terminal.note(`  ${source}: ${said}`);
  }
}

/** What the rows say about how far the metrics below can be trusted; nothing where nothing is odd. */
export function printData(terminal: Terminal, data: DataReport | undefined): void {
  printSources(terminal, data);
  if (!data?.warnings.length) return;
  for (const { code, message } of data.warnings) {
    const mark = code === 'leak' ? pc.red('!') : pc.yellow('!');
    terminal.say(`${mark} ${code === 'leak' ? pc.bold(message) : message}`);
  }
  for (const { kind, split, row, ofRow, similarity } of data.leaks.samples) {
    const same = kind === 'exact' ? 'equals' : `is nearly (${similarity.toFixed(2)})`;
    terminal.note(`  ${row} (${split}) ${same} ${ofRow}`);
  }
  terminal.say();
}
