import type { ArtifactRef } from '@temper/contracts';
import { evaluateModel, graphDigests, train } from '@temper/training';
import { afterAll, expect, it } from 'vitest';
import { fewOf, oneOfEachMethod } from './cells.js';
import { portsOf, Workshop } from './workshop.js';

const workshop = await Workshop.open();
afterAll(() => workshop[Symbol.asyncDispose]());

/** The files of the graphs that a checkpoint or an evaluation names. */
async function kept(ref: ArtifactRef<'checkpoint'> | ArtifactRef<'evaluation'>) {
  const { artifacts } = workshop;
  const { graphs } = (await artifacts.manifest<'checkpoint' | 'evaluation'>(ref)).meta;
  const { files } = await artifacts.manifest(artifacts.ref('graphs', graphs!));
  return Object.fromEntries(files.map(({ path, digest }) => [path, digest]));
}

const balanced = fewOf(workshop.cells).filter(({ task }) => task.training.classWeights);
const cells = new Set([...oneOfEachMethod(workshop.cells), ...balanced.slice(0, 2)]);

it.each([...cells].map((cell) => [cell.name, cell] as const))(
  '%s: what its headers tell of its graphs is what it stores of them',
  async (_, cell) => {
    const training = { maxSteps: 1, evalStrategy: 'no' } as const;
    const job = await workshop.job(cell, training);
    const ports = portsOf(workshop);
    const { adapt } = ports.sessions;
    const expected = await graphDigests({ ...job, kind: 'graphs' }, { ...ports, adapt });
    const { checkpoint } = await train(job, ports);
    const { rows } = await evaluateModel({ ...job, kind: 'evaluate', checkpoint }, ports);
    // How many tokens of a class there are, the manifest of the tokens does not say.
    if (cell.task.key === 'token-classification' && cell.task.training.classWeights)
      expect(expected).toEqual({ unknown: 'how often the training split has each class' });
    else expect(expected).toEqual({ train: await kept(checkpoint), evaluate: await kept(rows) });
  },
);
