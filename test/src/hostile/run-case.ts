import { TemperError } from '@temper/contracts';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HostileInput, Outcome, Parser } from './parser.js';
import { Random } from './random.js';

export const inputOf = (parser: Parser, seed: string, number: number): HostileInput =>
  parser.make(new Random(parser.name, seed, number));

/** One input, in a folder of its own that is removed. */
export async function runCase(
  parser: Parser,
  seed: string,
  number: number,
  scratch: string,
): Promise<Outcome> {
  const input = inputOf(parser, seed, number);
  const folder = join(scratch, String(number));
  await writeInput(input, folder);
  const before = { rss: process.memoryUsage.rss(), peak: peak() };
  const now = parser.elsewhere ? () => performance.now() : processorMs;
  const started = now();
  const error = await parser.read(input, folder).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const ms = now() - started;
  // The peak only ever rises: where this case did not raise it, it grew by no more than an earlier one did.
  const bytes = peak() > before.peak ? peak() - before.rss : 0;
  await rm(folder, { recursive: true, force: true });
  const message = error instanceof Error ? error.message : '';
  const crash = error === undefined || error instanceof TemperError ? {} : { crash: shown(error) };
  return { case: number, ms, bytes, messageBytes: Buffer.byteLength(message), ...crash };
}

export async function writeInput({ files = {} }: HostileInput, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** In bytes. */
const peak = () => process.resourceUsage().maxRSS * 1024;

const shown = (error: unknown) =>
  (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, 2_000);
