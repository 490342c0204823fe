import { evaluateModel, graphDigests, train } from '@temper/training';
import { afterAll, expect, it } from 'vitest';
import { fewOf } from './cells.js';
import { storedGraphs } from './recording.js';
import { portsOf, Workshop } from './workshop.js';

const workshop = await Workshop.open();
afterAll(() => workshop[Symbol.asyncDispose]());

const balanced = fewOf(workshop.cells).filter(({ task }) => task.training.classWeights);
const one = (key: string) => balanced.find(({ task }) => task.key === key)!;

it('has the weights of classes in balance as the manifest of the tokens tells them', async () => {
  const job = await workshop.job(one('sequence-classification'), { maxSteps: 1, evalStrategy: 'no' });
  const ports = portsOf(workshop);
  const { adapt } = ports.sessions;
  const told = await graphDigests({ ...job, kind: 'graphs' }, { ...ports, adapt });
  const { checkpoint } = await train(job, ports);
  const { rows } = await evaluateModel({ ...job, kind: 'evaluate', checkpoint }, ports);
  expect(told).toEqual({
    train: await storedGraphs(workshop, checkpoint),
    evaluate: await storedGraphs(workshop, rows),
  });
});

it('says that it does not know how many tokens of a class there are', async () => {
  const job = await workshop.job(one('token-classification'), {});
  const { adapt } = portsOf(workshop).sessions;
  const told = await graphDigests({ ...job, kind: 'graphs' }, { artifacts: workshop.artifacts, adapt });
  expect(told).toEqual({ unknown: 'how often the training split has each class' });
});
