import { checkInput, type Checked } from '@temper/check';
import { TemperError } from '@temper/contracts';
import { missingFiles, namedSources } from '@temper/client/pipeline';
import { workersAreElsewhere } from '../elsewhere/here.js';
import { ClientSight, needsStore } from './sight.js';

export interface Preflight extends Checked {
  /** Fields whose sources cannot be seen from this machine: the ingest stage is to check them. */
  readonly unseen: readonly string[];
}

/**
 * Sources in the object store can be looked at once it runs: then the same check of what was written again, still before
 * queueing. Returns the spec as it was decided then.
 */
export async function preflightInStore<C extends Pick<Preflight, 'spec' | 'unseen'>>(
  input: unknown,
  checked: C,
): Promise<Pick<Preflight, 'spec' | 'unseen'>> {
  if (!namedSources(input).some(({ uri }) => needsStore(uri))) return checked;
  return preflight(input);
}

/**
 * Everything that can be known before a run is queued, of the spec and of the sources that can be seen from this machine.
 * All problems are collected and thrown at once; nothing is started.
 */
export async function preflight(input: unknown, sources = namedSources(input)): Promise<Preflight> {
  const sight = new ClientSight();
  const checked = await checkInput(
    sight,
    input,
    await missingFiles(sources, { elsewhere: workersAreElsewhere() }),
  );
  const unseen = sources.filter(({ uri }) => sight.unseen.has(uri));
  if (checked.undecided && unseen.some(({ path }) => /^dataset\.train\b/.test(path))) throw toBeNamed();
  const lines = unseen.map(
    ({ path, uri }) =>
      `${path}: not seen from this machine (${sight.unseen.get(uri)}); the ingest stage checks it`,
  );
  return { ...checked, warnings: [...lines, ...checked.warnings], unseen: unseen.map(({ path }) => path) };
}

/** What follows from the data's own columns, only somebody who sees them can decide. */
const toBeNamed = () =>
  new TemperError('SPEC_INVALID', {
    path: 'dataset.columns',
    message: 'have to be named, since the data cannot be seen from this machine',
    found: 'no columns',
    hint: 'columns: {text: text, label: label}, say; and the task where the columns leave it open',
  });
