import { userName } from '@temper/client';
import type { ChangeInput, ControlAnswer, DecisionInput } from '@temper/contracts';
import { pc } from '../style.js';
import { usageError } from '../failure.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

interface Said {
  readonly by?: string;
  readonly note?: string;
  readonly comment?: string;
}

/** pause, resume, approve, reject. */
export async function controlRun(
  terminal: Terminal,
  update: 'pause' | 'resume' | 'approve' | 'reject',
  runId: string,
  said: Said,
): Promise<void> {
  await ask(terminal, runId, update, said);
}

export async function changeRun(
  terminal: Terminal,
  runId: string,
  options: Said & { learningRate?: string; evalStrategy?: string; evalSteps?: string; stop?: boolean },
): Promise<void> {
  const { learningRate, evalStrategy, evalSteps, stop } = options;
  await ask(terminal, runId, 'change', options, {
    ...(learningRate === undefined ? {} : { learningRate: number('--learning-rate', learningRate) }),
    ...(evalStrategy === undefined ? {} : { evalStrategy }),
    ...(evalSteps === undefined ? {} : { evalSteps: number('--eval-steps', evalSteps) }),
    ...(stop ? { stop: true as const } : {}),
  } as Partial<ChangeInput>);
}

async function ask(
  terminal: Terminal,
  runId: string,
  update: 'pause' | 'resume' | 'approve' | 'reject' | 'change',
  { by = userName(), note, comment }: Said,
  more: Partial<ChangeInput> = {},
): Promise<void> {
  if (by === undefined) throw usageError('--by', 'this user has no name: say who asks for it');
  await using session = await openSession(terminal);
  const { client } = session;
  // An unknown or ended run is told at once; only an open one needs a worker to answer for it.
  const { status } = await client.show(runId);
  if (['running', 'paused', 'awaiting-approval'].includes(status)) await session.ensureWorkers(['cpu']);
  const input: ChangeInput & DecisionInput = {
    by,
    ...(note === undefined ? {} : { note }),
    ...(comment === undefined ? {} : { comment }),
    ...more,
  };
  const answer = await client[update](runId, input);
  terminal.answer({ ...answer, by }, () => print(terminal, update, answer));
}

function print(terminal: Terminal, update: string, { runId, message }: ControlAnswer): void {
  terminal.say(`${pc.green('✔')} ${update} ${pc.bold(runId)}: ${message}`);
  const next = update === 'pause' ? `temper runs resume ${runId}` : `temper runs show ${runId}`;
  terminal.note(next);
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw usageError(option, 'not a number', { found: text });
}
