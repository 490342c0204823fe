// npm run bench:orchestration -- [--pipelines N] [--at-once N] [--rounds N] [--without-metaflow] [--output FILE]
// Pipelines of five stages that do nothing: what orchestration costs. Exits with 1 where a target is missed.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { cacheFolder, startServices } from '@temper/services';
import { readProcesses } from '@temper/services/state';
import { median } from '../measurement.js';
import { metaflowEnvironment } from '../python.js';
import { metaflowAlone, metaflowLoaded } from './metaflow-side.js';
import { alone, loaded, startWorker, type Load } from './temporal-side.js';

const { values } = parseArgs({
  options: {
    pipelines: { type: 'string', default: '400' },
    'at-once': { type: 'string', default: '40' },
    rounds: { type: 'string', default: '3' },
    'without-metaflow': { type: 'boolean', default: false },
    output: { type: 'string', default: join('.temper', 'bench-orchestration.json') },
  },
});
const pipelines = Number(values.pipelines);
const atOnce = Number(values['at-once']);
const cores = availableParallelism();
const say = (text: string) => process.stderr.write(`${text}\n`);

const targets = { perSecond: 20, lost: 0, addedSeconds: 0.5 } as const;

interface Round {
  readonly temper: number;
  readonly bare: number;
  readonly temperLoad: Load;
  readonly bareLoad: Load;
  readonly metaflow?: { readonly ms: number; readonly perSecond: number };
}

const folder = await mkdtemp(join(tmpdir(), 'temper-orchestration-'));
const rounds: Round[] = [];
try {
  const python = values['without-metaflow'] ? undefined : await metaflowEnvironment(cacheFolder(), say);
  await using services = await startServices({ folder: join(folder, 'services'), report: say });
  await using worker = await startWorker(folder, services.env);
  const { temporal } = (await readProcesses(services.folder))!.servers;
  const processes = [process.pid, worker.pid, temporal!.pid];
  const load = { pipelines, atOnce, processes };
  const connection = await Connection.connect({ address: services.temporal.address });
  const client = new Client({ connection });
  // Caches and the compiler warm up.
  for (const kind of ['fineTune', 'bare'] as const) {
    await loaded(client, kind, { pipelines: Math.min(40, pipelines), atOnce: 20, processes });
  }
  for (let round = 1; round <= Number(values.rounds); round++) {
    say(`round ${round} of ${values.rounds}`);
    rounds.push({
      bare: await alone(client, 'bare', 10),
      temper: await alone(client, 'fineTune', 10),
      bareLoad: await loaded(client, 'bare', load),
      temperLoad: await loaded(client, 'fineTune', load),
      ...(python
        ? {
            metaflow: {
              ms: await metaflowAlone(python, folder, 3),
              perSecond: await metaflowLoaded(python, folder, 2 * cores, cores),
            },
          }
        : {}),
    });
  }
  await connection.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}

const middle = (value: (round: Round) => number) => median(rounds.map(value));
const summary = {
  machine: `${cores} threads of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}`,
  pipelines,
  atOnce,
  temper: {
    aloneMs: middle((r) => r.temper),
    perSecond: middle((r) => r.temperLoad.perSecond),
    lost: rounds.reduce((sum, r) => sum + r.temperLoad.lost, 0),
    startP99Ms: middle((r) => r.temperLoad.startP99),
    cpuMs: middle((r) => r.temperLoad.cpuMs),
  },
  bareTemporal: {
    aloneMs: middle((r) => r.bare),
    perSecond: middle((r) => r.bareLoad.perSecond),
    cpuMs: middle((r) => r.bareLoad.cpuMs),
  },
  addedMs: middle((r) => r.temper - r.bare),
  ...(rounds[0]!.metaflow
    ? {
        metaflow: {
          aloneMs: middle((r) => r.metaflow!.ms),
          perSecond: middle((r) => r.metaflow!.perSecond),
        },
      }
    : {}),
};

const { temper, bareTemporal, metaflow } = summary;
const seconds = (ms: number) => `${(ms / 1000).toFixed(3)} s`;
const line = (name: string, side: { aloneMs: number; perSecond: number; cpuMs?: number }, more: string) =>
  `| ${name} | ${seconds(side.aloneMs)} | ${side.perSecond.toFixed(1)} | ${side.cpuMs ? `${side.cpuMs.toFixed(0)} ms` : '–'} | ${more} |`;
const table = [
  '| five stages that do nothing | one alone | pipelines a second under load | CPU a pipeline | |',
  '| --- | --- | --- | --- | --- |',
  line('Temper', temper, `${temper.lost} lost, first stage begun after ${seconds(temper.startP99Ms)} (p99)`),
  line('bare Temporal, five activities', bareTemporal, `Temper adds ${seconds(summary.addedMs)}`),
  ...(metaflow ? [line('Metaflow, five steps', metaflow, `${cores} at once`)] : []),
].join('\n');

const missed = [
  ...(temper.perSecond < targets.perSecond ? [`fewer than ${targets.perSecond} pipelines a second`] : []),
  ...(temper.lost > targets.lost ? ['pipelines were lost'] : []),
  ...(summary.addedMs > targets.addedSeconds * 1000 ? [`more than ${targets.addedSeconds} s added`] : []),
];
const output = resolve(values.output);
await mkdir(dirname(output), { recursive: true });
await writeFile(output, `${JSON.stringify({ ...summary, missed, rounds }, null, 2)}\n`);
process.stdout.write(
  `${summary.machine}; ${pipelines} pipelines, ${atOnce} at once\n\n${table}\n\n${output}\n`,
);
for (const target of missed) say(`missed: ${target}`);
process.exitCode = missed.length ? 1 : 0;
