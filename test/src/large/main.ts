// npm run test:large [-- --gigabytes 5]
// An artifact of one file of 50 MB, then of one of 5 GB, through the embedded store: stored, then fetched by a machine that has
// nothing of it. Exits with 1 where the large one takes more than 64 MB of memory above the small one's peak.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServices } from '@temper/services';
import { writeLargeFile } from './large-file.js';
import type { Measured } from './measure.js';

const MB = 2 ** 20;
const MAY_ADD = 64 * MB;
const { values } = parseArgs({ options: { gigabytes: { type: 'string', default: '5' } } });
const large = Number(values.gigabytes) * 1024 * MB;
const say = (line: string) => process.stdout.write(`${line}\n`);

const folder = await mkdtemp(join(tmpdir(), 'temper-large-'));
const { bavail, bsize } = await statfs(folder);
// The file, the store's copy, the fetched copy.
const needed = 3 * large + 1024 * MB;
if (bavail * bsize < needed)
  throw new Error(`${folder}: ${Math.ceil(needed / 1024 / MB)} GB of disk are needed`);
const services = await startServices({ folder: join(folder, 'services'), env: {} });

/** In a process of its own: its peak is this artifact's. */
async function measured(bytes: number): Promise<Measured> {
  const file = join(folder, 'weights');
  await writeLargeFile(file, bytes);
  const child = spawn(process.execPath, [join(import.meta.dirname, 'measure.js'), file, folder], {
    env: { ...process.env, ...services.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (piece: Buffer) => (said += piece));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`measuring ended with ${code}`);
  return JSON.parse(said) as Measured;
}

try {
  const [small, big] = [await measured(50 * MB), await measured(large)];
  for (const [name, at] of [
    ['50 MB', small],
    [`${values.gigabytes} GB`, big],
  ] as const) {
    const mb = (bytes: number) => `${Math.round(bytes / MB)} MB`;
    say(
      `${name}: put ${at.putSeconds.toFixed(1)} s, peak ${mb(at.putPeak)}, ${mb(at.cached)} in the cache; ` +
        `get ${at.getSeconds.toFixed(1)} s, peak ${mb(at.getPeak)}; equal: ${at.equal}`,
    );
  }
  const added = Math.max(big.putPeak - small.putPeak, big.getPeak - small.getPeak);
  const holds = small.equal && big.equal && big.cached === 0 && added <= MAY_ADD;
  say(`${holds ? 'flat' : 'DOES NOT HOLD'}: ${Math.round(added / MB)} MB above (at most ${MAY_ADD / MB})`);
  process.exitCode = holds ? 0 : 1;
} finally {
  await services.stop();
  await rm(folder, { recursive: true, force: true });
}
