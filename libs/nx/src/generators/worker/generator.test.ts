import { addProjectConfiguration, readJson, readProjectConfiguration, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import activityGenerator from '../activity/generator.js';
import workerGenerator from './generator.js';

let tree: Tree;
beforeEach(() => {
  tree = createTreeWithEmptyWorkspace({ formatter: 'prettier' });
});

const source = (file: string) => tree.read(`workers/own/src/${file}`, 'utf-8')!;

describe('a worker', () => {
  it('runs all of Temper, and a workflow that has it as a child', async () => {
    await workerGenerator(tree, { directory: 'workers/own' });
    expect(tree.children('workers/own/src').sort()).toEqual([
      'main.ts',
      'plugins.ts',
      'workflows.test.ts',
      'workflows.ts',
    ]);
    expect(readProjectConfiguration(tree, 'own').targets!['serve-worker']).toEqual({
      executor: '@temper/nx:serve-worker',
      continuous: true,
      options: { main: 'workers/own/src/main.ts' },
    });
    expect(source('plugins.ts')).toContain('new TemperPlugin({ store, home })');
    expect(source('workflows.ts')).toContain('export async function retrain(');
    for (const file of tree.children('workers/own/src')) expect(source(file)).not.toContain('<%');
  });

  it('runs activities of the workspace besides, one after the other', async () => {
    await activityGenerator(tree, { directory: 'stages/tidy' });
    await activityGenerator(tree, { directory: 'stages/mask' });
    await workerGenerator(tree, { directory: 'workers/own', activities: ['tidy', 'mask'] });
    expect(readProjectConfiguration(tree, 'own').implicitDependencies).toEqual(['tidy', 'mask']);
    expect(readJson(tree, 'workers/own/package.json')).toMatchObject({
      dependencies: { '@proj/tidy': '*', '@proj/mask': '*' },
    });
    expect(source('plugins.ts')).toContain("import { MaskPlugin } from '@proj/mask';");
    expect(source('workflows.ts')).toContain("import { tidyStage } from '@proj/tidy/workflow';");
    expect(source('workflows.ts').replace(/\s+/g, ' ')).toContain('from: `${folder}/tidy.jsonl`');
  });

  it('refuses a project that is no activity', async () => {
    addProjectConfiguration(tree, 'other', { root: 'libs/other' });
    const made = workerGenerator(tree, { directory: 'workers/own', activities: ['other'] });
    await expect(made).rejects.toThrow(/other was not made by/);
  });
});
