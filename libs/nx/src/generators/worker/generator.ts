import { fileURLToPath } from 'node:url';
import {
  addProjectConfiguration,
  formatFiles,
  generateFiles,
  joinPathFragments,
  names,
  readJson,
  readProjectConfiguration,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { addToWorkspaces, codeProject, withPackages } from '../code-project.js';
import { temperPackages, temporalPackages, toolVersions } from '../versions.js';
import type { WorkerGeneratorSchema } from './schema.js';

const files = fileURLToPath(new URL('../../../src/generators/worker/files', import.meta.url));

/** A host's own Temporal worker with all of Temper, and with the activities of projects of the workspace. */
export default async function workerGenerator(
  tree: Tree,
  options: WorkerGeneratorSchema,
): Promise<GeneratorCallback> {
  const { project, words } = await codeProject(tree, options, 'application');
  const activities = (options.activities ?? []).map((name) => activityOf(tree, name));
  addProjectConfiguration(tree, project.name, {
    ...project,
    targets: {
      'serve-worker': {
        executor: '@temper/nx:serve-worker',
        continuous: true,
        options: { main: joinPathFragments(project.root, 'src/main.ts') },
      },
      ...project.targets,
    },
    // Named, as Nx sees imports only where its JavaScript plugin is installed.
    ...(activities.length ? { implicitDependencies: activities.map(({ project }) => project) } : {}),
  });
  generateFiles(tree, files, project.root, { ...words, activities });
  addToWorkspaces(tree, project.root);
  const install = options.skipPackageJson
    ? () => undefined
    : withPackages(
        tree,
        {
          ...temporalPackages('activity', 'client', 'common', 'plugin', 'worker', 'workflow'),
          ...temperPackages('codec', 'connection', 'contracts', 'plugin', 's3', 'spec', 'storage'),
        },
        toolVersions,
      );
  if (!options.skipFormat) await formatFiles(tree);
  return install;
}

/** How the worker imports a project that the activity generator made. */
function activityOf(tree: Tree, project: string) {
  const { root, tags = [] } = readProjectConfiguration(tree, project);
  if (!tags.includes('temper:activity')) {
    throw new Error(
      `${project} was not made by nx g @temper/nx:activity: its plugin is yours to add in src/plugins.ts of the worker`,
    );
  }
  const { name } = readJson<{ name: string }>(tree, joinPathFragments(root, 'package.json'));
  return { project, importPath: name, ...names(project.split('/').at(-1)!) };
}
