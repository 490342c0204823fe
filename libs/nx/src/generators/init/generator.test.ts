import { readJson, readNxJson } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { expect, it } from 'vitest';
import initGenerator from './generator.js';

interface Package {
  readonly devDependencies: Record<string, string>;
}

it('needs no options: the plugin is registered, its state ignored, the command a dependency', async () => {
  const tree = createTreeWithEmptyWorkspace({ formatter: 'prettier' });
  tree.write('.gitignore', 'node_modules');
  await initGenerator(tree);
  expect(readNxJson(tree)!.plugins).toEqual([{ plugin: '@temper/nx', options: {} }]);
  expect(tree.read('.gitignore', 'utf-8')).toBe('node_modules\n.temper/\n');
  const { devDependencies } = readJson<Package>(tree, 'package.json');
  expect(devDependencies['@temper/cli']).toMatch(/^\d+\.\d+\.\d+/);
  expect(devDependencies['@temper/nx']).toBe(devDependencies['@temper/cli']);
});

it('changes nothing when it is done again, nor options that were set', async () => {
  const tree = createTreeWithEmptyWorkspace({ formatter: 'prettier' });
  await initGenerator(tree);
  const written = () => ['nx.json', 'package.json', '.gitignore'].map((file) => tree.read(file, 'utf-8'));
  const first = written();
  await initGenerator(tree);
  expect(written()).toEqual(first);
  const configured = { plugin: '@temper/nx', options: { runTargetName: 'train' } };
  const nxJson = readNxJson(tree)!;
  tree.write('nx.json', JSON.stringify({ ...nxJson, plugins: [configured] }));
  await initGenerator(tree);
  expect(readNxJson(tree)!.plugins).toEqual([configured]);
});

it('leaves package.json as it is where that is wanted', async () => {
  const tree = createTreeWithEmptyWorkspace({ formatter: 'prettier' });
  const before = tree.read('package.json', 'utf-8');
  await initGenerator(tree, { skipPackageJson: true, skipFormat: true });
  expect(tree.read('package.json', 'utf-8')).toBe(before);
});
