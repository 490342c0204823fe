import { setTimeout as sleep } from 'node:timers/promises';
import { startServices } from '@temper/services';
import pc from 'picocolors';
import type { Terminal } from '../terminal.js';
import { startInBackground } from './background.js';
import { homeFolder } from './home.js';
import { metricsEnvironment } from './metrics-address.js';
import { readUpState, removeUpState, writeUpState, type UpState } from './up-state.js';
import { WorkerProcess } from './worker-process.js';

export async function upDetached(terminal: Terminal): Promise<void> {
  const running = await readUpState();
  const state = running ?? (await startInBackground());
  terminal.answer(state, () => sayWhere(terminal, state, running ? 'already running' : 'running'));
}

/** Until SIGINT or SIGTERM. A worker that dies is started again; the servers' own supervision is theirs. */
export async function upForeground(terminal: Terminal, withWorker: boolean): Promise<number> {
  const running = await readUpState();
  if (running) {
    terminal.answer(running, () => sayWhere(terminal, running, 'already running'));
    return 0;
  }
  const metrics = metricsEnvironment('TEMPER_METRICS_PORT');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  const folder = homeFolder();
  await using services = await startServices({ folder, report: (line) => terminal.note(line) });
  const env = { ...services.env, TEMPER_HOME: folder };
  const worker = withWorker ? await WorkerProcess.start('cpu', env) : undefined;
  const state: UpState = {
    pid: process.pid,
    temporal: services.temporal.address,
    uiUrl: services.temporal.uiUrl,
    s3: services.s3.endpoint,
    metrics: withWorker ? metrics.url : undefined,
    startedAt: new Date().toISOString(),
  };
  await writeUpState(state);
  try {
    terminal.answer(state, () => sayWhere(terminal, state, 'running; Ctrl-C ends it'));
    if (worker) await supervise(terminal, worker, env, stop.signal);
    else await aborted(stop.signal);
  } finally {
    await removeUpState();
  }
  terminal.say('stopped');
  return 0;
}

function sayWhere(terminal: Terminal, state: UpState, words: string): void {
  terminal.say(`${pc.green('✔')} Temper is ${words}`);
  if (state.uiUrl) terminal.say(`  Temporal UI  ${pc.cyan(state.uiUrl)}`);
  terminal.say(`  Temporal     ${state.temporal}`);
  terminal.say(`  S3           ${state.s3}`);
  if (state.metrics) terminal.say(`  Metrics      ${pc.cyan(state.metrics)}`);
}

/** Milliseconds before a worker that died is started again, doubled each time up to a minute. */
const FIRST_PAUSE = 1_000;

async function supervise(
  terminal: Terminal,
  first: WorkerProcess,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  let worker = first;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, 60_000)) {
    await Promise.race([worker.exited, aborted(signal)]);
    if (signal.aborted) return worker.stop();
    terminal.warn(`the worker ended (see ${worker.log}); it is started again`);
    await Promise.race([sleep(pause), aborted(signal)]);
    if (signal.aborted) return;
    worker = await WorkerProcess.start('cpu', env);
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
