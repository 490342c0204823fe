import { namesTemporal } from '@temper/connection';
import { identify, startServices } from '@temper/services';
import { pc } from '../style.js';
import { exitCodes } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';
import { startInBackground } from './background.js';
import { homeFolder } from './home.js';
import { metricsEnvironment } from './metrics-address.js';
import { aborted, superviseWorker } from './supervise-worker.js';
import { requireUiPort, uiPortOf, type UiFlags } from './ui-port.js';
import { removeUpState, runningUp, writeUpState, type UpState } from './up-state.js';
import { WorkerProcess } from './worker-process.js';

export interface UpFlags extends UiFlags {
  readonly worker: boolean;
}

export async function upDetached(terminal: Terminal, given: UpFlags): Promise<void> {
  const { worker, uiPort, temporalUi } = given;
  const wanted = uiPortOf(given);
  const running = await runningUp();
  if (running) requireUiPort(wanted, running.uiUrl);
  const flags = [
    ...(worker ? [] : ['--no-worker']),
    ...(temporalUi ? [] : ['--no-temporal-ui']),
    ...(uiPort === undefined ? [] : ['--ui-port', uiPort]),
  ];
  const state = running ?? (await startInBackground(flags));
  terminal.answer(state, () => sayWhere(terminal, state, running ? 'already running' : 'running'));
}

/**
 * Until SIGINT or SIGTERM, or until somebody else stops the servers. A worker that dies is started again; the servers' own
 * supervision is theirs.
 */
export async function upForeground(terminal: Terminal, flags: UpFlags): Promise<number> {
  const uiPort = uiPortOf(flags);
  const running = await runningUp();
  if (running) {
    requireUiPort(uiPort, running.uiUrl);
    terminal.answer(running, () => sayWhere(terminal, running, 'already running'));
    return exitCodes.done;
  }
  const metrics = metricsEnvironment('TEMPER_METRICS_PORT');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  const folder = homeFolder();
  await using services = await startServices({ folder, uiPort, report: (line) => terminal.note(line) });
  requireUiPort(uiPort, services.temporal.uiUrl);
  void services.ended.then(() => stop.abort('the servers ended'));
  const env = { ...services.env, TEMPER_HOME: folder };
  const worker = flags.worker ? await WorkerProcess.start('cpu', env) : undefined;
  const state: UpState = {
    ...identify(process.pid)!,
    temporal: services.temporal.address,
    uiUrl: services.temporal.uiUrl,
    s3: services.s3.endpoint,
    metrics: flags.worker ? metrics.url : undefined,
    startedAt: new Date().toISOString(),
  };
  await writeUpState(state);
  try {
    terminal.answer(state, () => sayWhere(terminal, state, 'running; Ctrl-C ends it'));
    tellParent(state);
    if (worker)
      await superviseWorker(worker, {
        start: () => WorkerProcess.start('cpu', env),
        warn: (line) => terminal.warn(line),
        signal: stop.signal,
      });
    else await staying(stop.signal);
  } finally {
    await removeUpState();
  }
  if (stop.signal.reason === 'the servers ended') {
    terminal.warn('the servers were stopped by another process, or their supervisor was');
    return exitCodes.failed;
  }
  terminal.say('stopped');
  return exitCodes.done;
}

/** Whoever started this in the background waits for it, and may be gone. */
function tellParent(state: UpState): void {
  process.send?.(state, () => process.disconnect?.());
}

function sayWhere(terminal: Terminal, state: UpState, words: string): void {
  terminal.say(`${pc.green('✔')} Temper is ${words}`);
  if (state.uiUrl) terminal.say(`  Temporal UI  ${pc.cyan(state.uiUrl)}`);
  terminal.say(`  Temporal     ${state.temporal}`);
  terminal.say(`  S3           ${state.s3}`);
  if (!namesTemporal(process.env)) {
    terminal.say(
      pc.dim(
        '  Temporal here asks nobody who he is: every user of this machine can start runs and read them.',
      ),
    );
    terminal.say(
      pc.dim(
        '  TEMPORAL_ADDRESS with TLS names a server that does (SECURITY.md); TEMPER_PAYLOAD_KEYS hides what they hold.',
      ),
    );
  }
  if (state.metrics) terminal.say(`  Metrics      ${pc.cyan(state.metrics)}`);
}

/** Nothing else keeps a process alive that has no worker. */
async function staying(signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => undefined, 60_000);
  await aborted(signal);
  clearInterval(alive);
}
