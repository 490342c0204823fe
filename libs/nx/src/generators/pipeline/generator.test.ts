import { addProjectConfiguration, readProjectConfiguration, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { pipelineSpecSchema, readPipelineSpec } from '@temper/spec';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import pipelineGenerator from './generator.js';
import { fileOf, samples, type SampleTask } from './samples.js';

let tree: Tree;
beforeEach(() => {
  tree = createTreeWithEmptyWorkspace({ formatter: 'prettier' });
});

const specOf = (file: string) => parse(tree.read(file, 'utf-8')!) as Record<string, unknown>;

describe('a pipeline', () => {
  it('is a folder with a spec and its data, called after the folder', async () => {
    await pipelineGenerator(tree, { directory: 'pipelines/reviews' });
    expect(tree.children('pipelines/reviews').sort()).toEqual(['data', 'project.json', 'temper.yaml']);
    const spec = specOf('pipelines/reviews/temper.yaml');
    expect(spec).toMatchObject({ name: 'reviews', publish: { model: 'reviews' } });
    expect((spec['dataset'] as { train: string }).train).toBe('data/train.csv');
    expect(tree.read('pipelines/reviews/data/train.csv', 'utf-8')).toMatch(/^text,label\n"The kettle/);
    expect(readProjectConfiguration(tree, 'reviews').targets).toEqual({});
  });

  it('has the name, the base model, the worker and the tags that are asked for', async () => {
    addProjectConfiguration(tree, 'own-worker', { root: 'workers/own' });
    await pipelineGenerator(tree, {
      directory: 'pipelines/reviews',
      name: 'review-classes',
      base: 'hf:ORG/NAME',
      worker: 'own-worker',
      tags: 'type:pipeline, team:a',
    });
    const project = readProjectConfiguration(tree, 'review-classes');
    expect(project.implicitDependencies).toEqual(['own-worker']);
    expect(project.tags).toEqual(['type:pipeline', 'team:a']);
    expect(specOf('pipelines/reviews/temper.yaml')).toMatchObject({ model: { base: 'hf:ORG/NAME' } });
  });

  it('refuses a worker that is no project', async () => {
    const made = pipelineGenerator(tree, { directory: 'pipelines/x', worker: 'nobody' });
    await expect(made).rejects.toThrow(/nobody/);
  });

  it.each(Object.keys(samples) as SampleTask[])('for %s is a spec without mistakes', async (task) => {
    await pipelineGenerator(tree, { directory: 'pipelines/x', task });
    const spec = specOf('pipelines/x/temper.yaml');
    const { problems } = readPipelineSpec({ ...spec, dataset: { ...(spec['dataset'] as object) } });
    expect(problems.filter(({ path }) => path !== 'dataset.columns')).toEqual([]);
    expect(spec['task']).toBe(task);
  });
});

it('is offered for each task that a spec can have', () => {
  const tasks = (pipelineSpecSchema.shape.task.unwrap() as unknown as { options: string[] }).options;
  expect(Object.keys(samples).sort()).toEqual([...tasks].sort());
});

it('an answer stands where its row says', () => {
  for (const { context, answers } of samples['question-answering'].rows) {
    const [start] = answers.answer_start;
    expect(context.slice(start, start! + answers.text[0]!.length)).toBe(answers.text[0]);
  }
  expect(fileOf(samples.embedding).split('\n')[0]).toBe('anchor,positive');
});
