import { runState, userInWords } from '@temper/client';
import { TemperError, type Digest } from '@temper/contracts';
import {
  deleteDataset,
  deleteModel,
  deleteRunFiles,
  deleteVersion,
  modelsOfDataset,
  type MadeFrom,
} from '@temper/storage';
import { usageError } from '../failure.js';
import { openSession, type Session } from '../services/session.js';
import { pc } from '../style.js';
import type { Terminal } from '../terminal.js';

const later = 'temper gc takes what nothing else needs';

/** `NAME:VERSION` or `NAME@ALIAS`; a name alone means all its versions, and has to be meant. */
export async function deleteModels(
  terminal: Terminal,
  reference: string,
  { all = false }: { all?: boolean },
) {
  const isName = !/[:@]/.test(reference.replace(/^model:/, ''));
  if (isName !== all) {
    throw usageError(reference, all ? '--all takes the name alone' : 'which version?', {
      allowed: 'NAME:VERSION, or NAME with --all',
    });
  }
  await using session = await openSession(terminal);
  const { store } = session;
  const deleted = all
    ? await deleteModel(store, reference.replace(/^model:/, ''), userInWords())
    : [await deleteVersion(store, reference, userInWords())];
  const names = deleted.map(({ name, version }) => `${name}:${version}`);
  terminal.answer({ deleted: names }, () => {
    terminal.say(`${pc.green('✔')} deleted ${names.join(', ')}`);
    terminal.note(later);
  });
}

export async function deleteRun(terminal: Terminal, runId: string): Promise<void> {
  await using session = await openSession(terminal);
  const state = await runState(session.client.temporal, runId);
  if (state === 'running') {
    throw new TemperError('CONTROL_REFUSED', {
      path: runId,
      message: 'the run goes on',
      hint: `temper runs cancel ${runId} ends it`,
    });
  }
  const objects = await deleteRunFiles(session.store, runId, userInWords());
  if (!objects) await session.client.show(runId);
  terminal.answer({ runId, objects }, () => {
    terminal.say(`${pc.green('✔')} deleted ${objects} objects of ${runId}; what it published stays`);
    terminal.note(`${later}; Temporal forgets the run itself after its retention period`);
  });
}

export async function removeDataset(
  terminal: Terminal,
  digest: string,
  { force = false }: { force?: boolean },
) {
  const dataset = digestOfUser(digest);
  await using session = await openSession(terminal);
  const { models, cached } = await deleteDataset(session.store, dataset, { by: userInWords(), force });
  terminal.answer({ dataset, models, cached }, () => {
    terminal.say(`${pc.green('✔')} deleted ${dataset}, and ${cached} cached results of stages`);
    if (models.length)
      terminal.say(`these models have learnt from it, and are not changed: ${inWords(models)}`);
    terminal.note(later);
  });
}

export async function whoSaw(terminal: Terminal, digest: string): Promise<void> {
  await using session = await openSession(terminal);
  const dataset = await datasetOf(session, digest);
  const models = await modelsOfDataset(session.store, dataset);
  terminal.answer({ dataset, models }, () =>
    terminal.say(models.length ? inWords(models) : 'no model has seen it'),
  );
}

const inWords = (models: readonly MadeFrom[]) =>
  models
    .map(({ model, version, runId, aliases, through }) => {
      const names = aliases.length ? ` (${aliases.join(', ')})` : '';
      const on = through ? `, trained on from ${through}` : '';
      return `${model}:${version}${names} of run ${runId}${on}`;
    })
    .join('; ');

/** Of a digest, or of the version that learnt from it. */
async function datasetOf({ client }: Session, text: string): Promise<Digest> {
  if (text.startsWith('sha256:') || !/[:@]/.test(text)) return digestOfUser(text);
  return (await client.models.get(text)).meta.lineage.dataset;
}

function digestOfUser(text: string): Digest {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return text as Digest;
  throw usageError(text, 'not a digest', {
    allowed: 'sha256: and 64 hexadecimal digits',
    hint: 'temper models show MODEL says which data set a model was made from',
  });
}
