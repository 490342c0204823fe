// npm run bench:scale -- [--workers 1000] [--minutes 10] [--runs-a-minute N] [--heartbeat 20] [--output FILE]
// So many GPU workers that compute nothing, on the real dev server: who runs a fleet sees what Temporal has to bear.
// Exits with 1 where a run was lost, or a stage needed more than one attempt.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { attributesOf } from '@temper/client/attributes';
import { fineTuneWorkflow, queuesOf, type RunResult } from '@temper/contracts';
import { startServices } from '@temper/services';
import { readProcesses } from '@temper/services/state';
import { parsePipelineSpec, type FineTuneInput } from '@temper/spec';
import { cpuTime } from '../orchestration/cpu-time.js';
import { startWorker } from '../orchestration/temporal-side.js';
import { metricsAddress, requestsOf } from './server-requests.js';
import { LONGEST, SHORTEST, trainingSeconds } from './training-seconds.js';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '10' },
    'runs-a-minute': { type: 'string' },
    heartbeat: { type: 'string', default: '20' },
    output: { type: 'string', default: join('.temper', 'bench-scale.json') },
  },
});
const [workers, minutes, heartbeat] = [values.workers, values.minutes, values.heartbeat].map(Number) as [
  number,
  number,
  number,
];
/** Nine of ten devices busy. */
const perMinute = Number(values['runs-a-minute'] ?? (0.9 * workers * 60) / ((SHORTEST + LONGEST) / 2));
const PER_PROCESS = 100;
const say = (text: string) => process.stderr.write(`${text}\n`);
const spec = parsePipelineSpec({
  name: 'simulated',
  model: { base: './model' },
  dataset: { train: 'rows.csv' },
  resources: { pool: 'cuda' },
});
// As docs/scale.md has it for a fleet: three beats and as much again.
const patient = { heartbeatTimeout: `${Math.max(12, 3 * heartbeat)} seconds` } as const;

interface Ended {
  readonly ms: number;
  readonly trainingMs: number;
  readonly waitedMs: number;
  readonly attempts: number;
}

async function oneRun(client: Client, number: number): Promise<Ended> {
  const runId = `simulated-${number}`;
  const input: FineTuneInput = {
    runId,
    spec,
    orchestration: { activities: { train: patient, evaluate: patient } },
  };
  const began = Date.now();
  const handle = await client.workflow.start(fineTuneWorkflow, {
    workflowId: runId,
    taskQueue: queuesOf().workflow,
    args: [input],
    typedSearchAttributes: attributesOf(spec),
  });
  const { status, stages } = (await handle.result()) as RunResult;
  if (status !== 'completed') throw new Error(`${runId}: ${status}`);
  const train = stages.find(({ name }) => name === 'train')!;
  const { waitedMs } = JSON.parse(train.summary!) as { waitedMs: number };
  const attempts = Math.max(...stages.map((stage) => stage.attempts));
  return { ms: Date.now() - began, trainingMs: trainingSeconds(runId) * 1000, waitedMs, attempts };
}

async function startDevices(count: number, first: number, env: NodeJS.ProcessEnv) {
  const args = [join(import.meta.dirname, 'devices.js'), ...[count, first, heartbeat].map(String)];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  const ready = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (ready.value !== 'ready') throw new Error('simulated workers did not start');
  return { pid: child.pid!, stop: () => child.stdin.end(), exited };
}

const residentMb = async (pid: number) =>
  (Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6;
const percentile = (numbers: readonly number[], p: number) =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.ceil(p * numbers.length) - 1)] ?? NaN;

const folder = await mkdtemp(join(tmpdir(), 'temper-scale-'));
try {
  await using services = await startServices({ folder: join(folder, 'services'), report: say });
  await using light = await startWorker(folder, services.env);
  const { temporal } = (await readProcesses(services.folder))!.servers;
  const metrics = await metricsAddress(temporal!.pid);
  const database = async () =>
    (await stat(join(services.folder, 'temporal.db')).catch(() => ({ size: NaN }))).size;
  const connection = await Connection.connect({ address: services.temporal.address });
  const client = new Client({ connection });
  const devices = [];
  for (let first = 0; first < workers; first += PER_PROCESS) {
    devices.push(await startDevices(Math.min(PER_PROCESS, workers - first), first, services.env));
  }
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: 'default',
    taskQueue: { name: queuesOf().device.cuda },
    taskQueueType: 2,
  });
  say(`${workers} workers in ${devices.length} processes; the server sees ${pollers?.length}`);
  await sleep(20_000);
  const before = {
    cpu: cpuTime([temporal!.pid]),
    light: cpuTime([light.pid]),
    requests: await requestsOf(metrics),
    database: await database(),
    at: performance.now(),
  };

  const ended: Ended[] = [];
  const lost: string[] = [];
  const all: Promise<void>[] = [];
  const finish = performance.now() + minutes * 60_000;
  for (let number = 0; performance.now() < finish; number++) {
    all.push(
      oneRun(client, number).then(
        (run) => void ended.push(run),
        (error: unknown) => void lost.push(String(error)),
      ),
    );
    // Arrivals are even: what queues up is the server's doing.
    await sleep(Math.max(0, before.at + ((number + 1) * 60_000) / perMinute - performance.now()));
    if (number % 100 === 99) say(`${number + 1} started, ${ended.length} ended, ${lost.length} lost`);
  }
  const seconds = (performance.now() - before.at) / 1000;
  const after = {
    cpu: cpuTime([temporal!.pid]),
    light: cpuTime([light.pid]),
    requests: await requestsOf(metrics),
    database: await database(),
  };
  const [server, oneProcess] = [await residentMb(temporal!.pid), await residentMb(devices[0]!.pid)];
  say('the last ones end');
  await Promise.all(all);
  const described = await client.workflow.getHandle('simulated-0').describe();

  const rates = Object.fromEntries(
    [...after.requests]
      .map(([name, count]) => [name, (count - (before.requests.get(name) ?? 0)) / seconds] as const)
      .filter(([, rate]) => rate > 0.05)
      .sort((a, b) => b[1] - a[1]),
  );
  const again = ended.filter(({ attempts }) => attempts > 1).length;
  const overhead = ended.map(({ ms, trainingMs }) => ms - trainingMs);
  const summary = {
    ...{ workers, minutes, heartbeatSeconds: heartbeat, runsAMinute: perMinute },
    started: all.length,
    completed: ended.length,
    lost: lost.length,
    attemptsAgain: again,
    waitedForDeviceMs: {
      p50: percentile(
        ended.map((r) => r.waitedMs),
        0.5,
      ),
      p99: percentile(
        ended.map((r) => r.waitedMs),
        0.99,
      ),
    },
    besideTrainingMs: { p50: percentile(overhead, 0.5), p99: percentile(overhead, 0.99) },
    requestsASecond: rates,
    server: {
      cores: (after.cpu - before.cpu) / 1000 / seconds,
      residentMb: server,
      databaseMbAMinute: ((after.database - before.database) / 1e6 / seconds) * 60,
    },
    workflowWorkerCores: (after.light - before.light) / 1000 / seconds,
    residentMbAWorker: oneProcess / Math.min(PER_PROCESS, workers),
    history: { events: described.historyLength, bytes: described.historySize },
  };
  const output = resolve(values.output);
  await mkdir(dirname(output), { recursive: true });
  await writeFile(output, `${JSON.stringify(summary, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\n${output}\n`);
  lost.slice(0, 5).forEach(say);
  process.exitCode = lost.length || again ? 1 : 0;
  for (const device of devices) device.stop();
  await Promise.all(devices.map(({ exited }) => exited));
  await connection.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}
