import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { engineWords, TemperError, type Provider } from '@temper/contracts';
import type { Audit, Audited, AuditedRun, AuditPorts, KeptCheckpoint } from '@temper/training';
import { exitCodes } from '../exit-codes.js';
import { homeFolder } from '../services/home.js';
import { openSession, type Session } from '../services/session.js';
import { pc } from '../style.js';
import type { Terminal } from '../terminal.js';

const exitCodeOf = { equal: exitCodes.done, changed: exitCodes.failed, unknown: exitCodes.unknown } as const;

/** Trains a run again, from checkpoint to checkpoint, and says whether each is what the one before leads to. */
export async function auditRunOf(terminal: Terminal, runId: string): Promise<number> {
  await using session = await openSession(terminal);
  const { spec, forkedFrom: fork } = await session.client.show(runId);
  const entries = await session.client.checkpoints(runId);
  if (!entries.length || !spec) {
    throw new TemperError('NOT_FOUND', {
      path: runId,
      message: 'has no checkpoints of its own',
      hint: 'its training came from the cache, or none was written yet: audit the run that trained',
    });
  }
  const { auditRun, keptCheckpoint } = await import('@temper/training');
  const kept: KeptCheckpoint[] = [];
  for (const entry of entries) kept.push(await keptCheckpoint(session.artifacts, entry));
  const provider = kept.find(({ manifest }) => manifest)?.manifest?.meta.provider ?? 'cpu';
  const home = join(homeFolder(), 'work');
  await mkdir(home, { recursive: true });
  const folder = await mkdtemp(join(home, 'audit-'));
  try {
    const run = { runId, spec, fork };
    const ports = await portsOf(session, run, { provider: provider as Provider, folder, terminal });
    const audit = await auditRun(run, kept, ports);
    terminal.answer(audit, () => printEnd(terminal, audit));
    return exitCodeOf[audit.verdict];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Here {
  readonly provider: Provider;
  readonly folder: string;
  readonly terminal: Terminal;
}

async function portsOf(
  { artifacts }: Session,
  run: AuditedRun,
  { provider, folder, terminal }: Here,
): Promise<AuditPorts> {
  const { createSessionFactory } = await import('@temper/onnxruntime');
  const { retrain, retrainingOf } = await import('@temper/training');
  const sessions = createSessionFactory(provider);
  return {
    machine: sessions.machine,
    said: (audited) => sayOf(terminal, audited),
    retrain: (from, { manifest }) =>
      retrain(retrainingOf(run, { from, to: manifest.meta }, { artifacts, folder }), {
        ...{ artifacts, sessions, report: () => undefined },
      }),
  };
}

const marks = { equal: pc.green('✔'), changed: pc.red('✖'), unknown: pc.yellow('?') } as const;

function sayOf(terminal: Terminal, { from, step, verdict, weights = '', message }: Audited): void {
  const found = verdict === 'equal' ? `equal  ${pc.dim(weights)}` : `${verdict}: ${message}`;
  terminal.say(`${marks[verdict]} step ${from} → ${step}  ${found}`);
}

function printEnd(terminal: Terminal, { verdict, engine, checkpoints, gaps, runId }: Audit): void {
  for (const { step, missing, taken } of gaps) {
    const why = taken === undefined ? '' : `: ${taken}`;
    terminal.say(
      `${pc.yellow('!')} of the checkpoint of step ${step} is not there any more: ${missing}${why}`,
    );
  }
  terminal.note(`trained again by ${engineWords(engine)}`);
  const changed = checkpoints.filter((c) => c.verdict === 'changed').map(({ step }) => step);
  const words = {
    equal: `every checkpoint of ${runId} that is kept is what its training leads to`,
    changed: `not what training leads to: the checkpoint of step ${changed.join(', ')}`,
    unknown: 'it cannot be told here whether all checkpoints are what training leads to',
  };
  terminal.say(`${marks[verdict]} ${words[verdict]}`);
}
