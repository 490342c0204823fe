// The cases of one parser, one after the other, over IPC; whatever ends this process is one of its cases' fault.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faulty } from './parsers/faulty.js';
import { parsers } from './parsers/index.js';
import { runCase } from './run-case.js';

export interface Work {
  readonly parser: string;
  readonly seed: string;
  readonly from: number;
  readonly to: number;
}

process.on('disconnect', () => process.exit(1));
process.once('message', ({ parser: name, seed, from, to }: Work) => {
  void (async () => {
    const parser = [...parsers, faulty].find((one) => one.name === name)!;
    const scratch = await mkdtemp(join(tmpdir(), 'temper-hostile-'));
    // The first input pays for what is loaded lazily.
    if (parser !== faulty) await runCase(parser, 'warm-up', 0, scratch);
    for (let number = from; number < to; number++) {
      process.send!({ started: number });
      process.send!(await runCase(parser, seed, number, scratch));
    }
    await rm(scratch, { recursive: true, force: true });
    process.exit(0);
  })();
});
