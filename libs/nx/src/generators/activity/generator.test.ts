import { readJson, readProjectConfiguration, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import activityGenerator from './generator.js';

interface Package {
  readonly name: string;
  readonly workspaces: string[];
  readonly dependencies: Record<string, string>;
  readonly exports: Record<string, string>;
}

let tree: Tree;
beforeEach(() => {
  tree = createTreeWithEmptyWorkspace({ formatter: 'prettier' });
});

describe('an activity', () => {
  it('is a package with its plugin, its side in workflows, and a test', async () => {
    await activityGenerator(tree, { directory: 'stages/clean-up' });
    const source = tree.children('stages/clean-up/src').sort();
    expect(source).toEqual([
      'clean-up.test.ts',
      'clean-up.ts',
      'index.ts',
      'lines.ts',
      'plugin.ts',
      'workflow.ts',
    ]);
    const { name, exports } = readJson<Package>(tree, 'stages/clean-up/package.json');
    expect(name).toBe('@proj/clean-up');
    for (const file of Object.values(exports)) expect(tree.exists(`stages/clean-up/${file}`)).toBe(true);
    const text = tree.read('stages/clean-up/src/clean-up.ts', 'utf-8')!;
    expect(text).toContain('export const cleanUpActivities = (store: ObjectStore): CleanUpActivities');
    expect(text).not.toContain('<%');
    const { targets } = readProjectConfiguration(tree, 'clean-up');
    expect(Object.keys(targets!).sort()).toEqual(['test', 'typecheck']);
  });

  it('is found by its name: a workspace of the package manager, once', async () => {
    await activityGenerator(tree, { directory: 'stages/tidy' });
    await activityGenerator(tree, { directory: 'stages/mask', importPath: '@acme/mask', tags: 'team:a' });
    const { workspaces, dependencies } = readJson<Package>(tree, 'package.json');
    expect(workspaces).toEqual(['stages/tidy', 'stages/mask']);
    expect(dependencies['@temporalio/activity']).toBe('1.24.0');
    expect(readJson<Package>(tree, 'stages/mask/package.json').name).toBe('@acme/mask');
  });

  it('adds nothing where a pattern has it already', async () => {
    const json = readJson<Package>(tree, 'package.json');
    tree.write('package.json', JSON.stringify({ ...json, workspaces: ['stages/*'] }));
    await activityGenerator(tree, { directory: 'stages/tidy', skipPackageJson: true });
    const { workspaces, dependencies } = readJson<Package>(tree, 'package.json');
    expect(workspaces).toEqual(['stages/*']);
    expect(dependencies).toEqual({});
  });

  it('is refused under the name of another of its files', async () => {
    await expect(activityGenerator(tree, { directory: 'stages/plugin' })).rejects.toThrow(/--name/);
  });
});
