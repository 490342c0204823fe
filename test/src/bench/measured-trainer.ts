// The trainer's own entry, with its largest resident set written to the file that TEMPER_BENCH_RSS names.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { maxRSS } = process.resourceUsage(); // kilobytes
  writeFileSync(process.env['TEMPER_BENCH_RSS']!, String(maxRSS * 1024));
});
await import('@temper/trainer/main');
