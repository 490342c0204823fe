// The trainer's own entry, which writes its memory to the file that TEMPER_BENCH_RSS names.
import { writeFileSync } from 'node:fs';
import type { TrainerEvent } from '@temper/training';

let firstStepBytes: number | undefined;
const send = process.send!.bind(process) as (...parameters: unknown[]) => boolean;
process.send = (...parameters: unknown[]) => {
  const event = parameters[0] as TrainerEvent;
  const isStep = event.type === 'progress' && event.phase === 'training' && event.step !== undefined;
  if (isStep) firstStepBytes ??= process.memoryUsage.rss();
  return send(...parameters);
};

process.on('exit', () => {
  const { maxRSS } = process.resourceUsage(); // kilobytes
  const memory = { maxRssBytes: maxRSS * 1024, firstStepBytes };
  writeFileSync(process.env['TEMPER_BENCH_RSS']!, JSON.stringify(memory));
});
await import(new URL('./main.js', import.meta.resolve('@temper/trainer')).href);
