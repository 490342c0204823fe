import { fileURLToPath } from 'node:url';
import {
  addProjectConfiguration,
  formatFiles,
  generateFiles,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { addToWorkspaces, codeProject, withPackages } from '../code-project.js';
import { temperPackages, temporalPackages, toolVersions } from '../versions.js';
import type { ActivityGeneratorSchema } from './schema.js';

const files = fileURLToPath(new URL('../../../src/generators/activity/files', import.meta.url));

/** A package: the activity, its plugin, `./workflow` for workflows that call it, and its test. */
export default async function activityGenerator(
  tree: Tree,
  options: ActivityGeneratorSchema,
): Promise<GeneratorCallback> {
  const { project, words } = await codeProject(tree, options, 'library');
  addProjectConfiguration(tree, project.name, {
    ...project,
    tags: [...(project.tags ?? []), 'temper:activity'],
  });
  generateFiles(tree, files, project.root, words);
  addToWorkspaces(tree, project.root);
  const { tsx: _, ...tools } = toolVersions;
  const install = options.skipPackageJson
    ? () => undefined
    : withPackages(
        tree,
        { ...temporalPackages('activity', 'common', 'plugin', 'workflow'), ...temperPackages('storage') },
        { ...temporalPackages('testing'), ...tools },
      );
  if (!options.skipFormat) await formatFiles(tree);
  return install;
}
