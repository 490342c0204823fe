import {
  addDependenciesToPackageJson,
  detectPackageManager,
  installPackagesTask,
  joinPathFragments,
  names,
  readJson,
  updateJson,
  type GeneratorCallback,
  type ProjectConfiguration,
  type TargetConfiguration,
  type Tree,
} from '@nx/devkit';
import {
  determineProjectNameAndRootOptions,
  getGlobPatternsFromPackageManagerWorkspaces,
} from '@nx/devkit/internal';
import { minimatch } from 'minimatch';

export interface CodeProjectOptions {
  readonly directory: string;
  readonly name?: string;
  readonly importPath?: string;
  readonly tags?: string;
}

/** A project with code of a user's own: what its templates and its configuration need. */
export interface CodeProject {
  readonly project: ProjectConfiguration & { readonly name: string };
  /** What templates are filled with. */
  readonly words: Readonly<Record<string, unknown>> & {
    readonly importPath: string;
    readonly fileName: string;
    readonly propertyName: string;
    readonly className: string;
  };
}

const reserved = ['index', 'plugin', 'plugins', 'lines', 'main', 'workflow', 'workflows'];

export async function codeProject(
  tree: Tree,
  options: CodeProjectOptions,
  projectType: 'library' | 'application',
): Promise<CodeProject> {
  const { projectName, projectRoot, importPath } = await determineProjectNameAndRootOptions(tree, {
    directory: options.directory,
    projectType,
    ...(options.name ? { name: options.name } : {}),
    ...(options.importPath ? { importPath: options.importPath } : {}),
  });
  const { fileName, propertyName, className } = names(projectName.split('/').at(-1)!);
  if (reserved.includes(fileName)) {
    throw new Error(`${fileName} is the name of another file of the project: call it otherwise (--name)`);
  }
  const tags = options.tags ? options.tags.split(',').map((tag) => tag.trim()) : [];
  return {
    project: {
      name: projectName,
      root: projectRoot,
      sourceRoot: joinPathFragments(projectRoot, 'src'),
      projectType,
      targets: { test: inProject('vitest run'), typecheck: inProject('tsc --noEmit -p tsconfig.json') },
      ...(tags.length ? { tags } : {}),
    },
    words: {
      ...{ importPath, fileName, propertyName, className, projectName },
      workspaceVersion: workspaceVersion(tree),
      // Names of templates lack it, as packages are published without tests.
      test: 'test',
    },
  };
}

const inProject = (command: string): TargetConfiguration => ({
  command,
  options: { cwd: '{projectRoot}' },
  cache: true,
  inputs: ['default', '^default'],
});

/** How a package of the workspace itself is named as a dependency. */
const workspaceVersion = (tree: Tree) => (detectPackageManager(tree.root) === 'npm' ? '*' : 'workspace:*');

/** Packages find each other by name: what no pattern of the package manager's workspaces has in it is added to them. */
export function addToWorkspaces(tree: Tree, root: string): boolean {
  const patterns = getGlobPatternsFromPackageManagerWorkspaces(tree.root, (path) => readJson(tree, path));
  const fits = (pattern: string) => minimatch(`${root}/package.json`, pattern);
  if (patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern))) return false;
  if (detectPackageManager(tree.root) === 'pnpm') {
    const written = tree.read('pnpm-workspace.yaml', 'utf-8') ?? '';
    const line = `  - '${root}'\n`;
    tree.write(
      'pnpm-workspace.yaml',
      /^packages:/m.test(written)
        ? written.replace(/^packages:.*\n/m, `$&${line}`)
        : `${written}packages:\n${line}`,
    );
    return true;
  }
  updateJson<{ workspaces?: string[] | { packages?: string[] } }>(tree, 'package.json', (json) => {
    const { workspaces = [] } = json;
    const now = Array.isArray(workspaces)
      ? [...workspaces, root]
      : { ...workspaces, packages: [...(workspaces.packages ?? []), root] };
    return { ...json, workspaces: now };
  });
  return true;
}

/** Adds what the new code imports, and installs it once the files are there. */
export function withPackages(
  tree: Tree,
  dependencies: Readonly<Record<string, string>>,
  devDependencies: Readonly<Record<string, string>>,
): GeneratorCallback {
  addDependenciesToPackageJson(tree, { ...dependencies }, { ...devDependencies }, undefined, true);
  // Always: the new package itself is linked too.
  return () => installPackagesTask(tree, true);
}
