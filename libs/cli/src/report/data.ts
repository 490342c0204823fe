import type { DataReport } from '@temper/contracts';
import { pc } from '../style.js';
import type { Terminal } from '../terminal.js';

/** What the rows say about how far the metrics below can be trusted; nothing where nothing is odd. */
export function printData(terminal: Terminal, data: DataReport | undefined): void {
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
