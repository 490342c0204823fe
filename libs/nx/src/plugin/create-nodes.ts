import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createNodesFromFiles,
  type CreateNodes,
  type CreateNodesContext,
  type TargetConfiguration,
} from '@nx/devkit';
import {
  globWithWorkspaceContext,
  hashObject,
  PluginCache,
  workspaceDataDirectory,
} from '@nx/devkit/internal';
import { dataInputs, isLiteral } from './data-inputs.js';
import { withDefaults, type TemperNxOptions } from './options.js';
import { PIPELINE_GLOB, pipelineName, readPipelineFile, type PipelineFile } from './pipeline-file.js';
import { folderTargets, pipelineTargets } from './targets.js';

/** Raised when the same file gives other targets than before. */
const VERSION = 1;

type Names = Required<TemperNxOptions>;
type Targets = Record<string, TargetConfiguration>;

/** Folders with pipeline files are projects; their targets follow from the files. */
export const createNodes: CreateNodes<TemperNxOptions> = [
  PIPELINE_GLOB,
  async (files, options, context) => {
    const names = withDefaults(options);
    const cache = new PluginCache<PipelineFile>(
      join(workspaceDataDirectory, `temper-${hashObject({ VERSION })}.hash`),
    );
    const read = new Map(files.map((file) => [file, cachedPipeline(file, context.workspaceRoot, cache)]));
    cache.writeToDisk();
    const sources = [...read.values()].flatMap((pipeline) => pipeline.sources);
    const seen = await seenByNx(sources, context);
    const packages = temperPackages(context.workspaceRoot);
    const projectNames = namesOf(files);
    return createNodesFromFiles(
      (file) => {
        const root = dirname(file);
        const together = files.filter((other) => dirname(other) === root);
        const targets = targetsOf(file, read.get(file)!, { together, names, seen, packages, context });
        const name = projectNames.get(root);
        return { projects: { [root]: { root, ...(name ? { name } : {}), targets } } };
      },
      files,
      options,
      context,
    );
  },
];

/** By the digest of the file, and of the sweep's other file. */
function cachedPipeline(file: string, root: string, cache: PluginCache<PipelineFile>): PipelineFile {
  const text = readFileSync(join(root, file), 'utf8');
  const key = createHash('sha256').update(`${file}\0${text}`).digest('hex');
  const known = cache.get(key);
  if (known) return absolute(known, root);
  const found = readPipelineFile(join(root, file), text);
  // What another file says may change while this one stays.
  if (!found.specs.length) cache.set(key, relativeTo(found, root));
  return found;
}

/** The cache may be carried to another folder. */
const relativeTo = (pipeline: PipelineFile, root: string): PipelineFile => ({
  ...pipeline,
  sources: pipeline.sources.map((path) => relative(root, path)),
});
const absolute = (pipeline: PipelineFile, root: string): PipelineFile => ({
  ...pipeline,
  sources: pipeline.sources.map((path) => join(root, path)),
});

/** The paths of sources that Nx hashes: those in the workspace that git does not ignore. */
async function seenByNx(
  sources: readonly string[],
  { workspaceRoot }: CreateNodesContext,
): Promise<Set<string>> {
  const paths = [...new Set(sources)].map((path) => relative(workspaceRoot, path));
  const inside = paths.filter((path) => path !== '' && !path.startsWith('..') && isLiteral(path));
  if (!inside.length) return new Set();
  return new Set(await globWithWorkspaceContext(workspaceRoot, inside));
}

/** A folder with a package.json or project.json is called as these say; any other one after itself. */
function namesOf(files: readonly string[]): Map<string, string> {
  const roots = [...new Set(files.map((file) => dirname(file)))].filter((root) => root !== '.');
  const alike = (name: string) => roots.filter((root) => basename(root) === name).length;
  return new Map(
    roots.map((root) => [root, alike(basename(root)) > 1 ? root.replaceAll('/', '-') : basename(root)]),
  );
}

interface Surroundings {
  readonly together: readonly string[];
  readonly names: Names;
  readonly seen: ReadonlySet<string>;
  readonly packages: readonly string[];
  readonly context: CreateNodesContext;
}

function targetsOf(file: string, pipeline: PipelineFile, around: Surroundings): Targets {
  const { together, names, seen, packages, context } = around;
  const root = context.workspaceRoot;
  const suffixOf = (other: string) => (together.length > 1 ? `--${pipelineName(other)}` : '');
  const data = dataInputs(pipeline.sources, {
    root,
    projectRoot: dirname(file),
    isSeen: (path) => seen.has(path),
  });
  const targets = pipelineTargets(
    pipeline,
    {
      file,
      specs: pipeline.specs.map((path) => relative(root, path)),
      data,
      digestCommand: `node ${quoted(digestMain(root))} ${quoted(file)}`,
      packages,
      suffix: suffixOf(file),
      result: pipelineName(file),
    },
    names,
  );
  if (together.length < 2 || file !== together[0]) return targets;
  return { ...targets, ...folderTargets(together, together.map(suffixOf), names) };
}

/** For the shell. */
const quoted = (text: string) =>
  /^[\w./@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** From the workspace's root where it is installed there, so that the command is the same on every machine. */
function digestMain(root: string): string {
  const file = fileURLToPath(new URL('../../dist/plugin/digest-main.js', import.meta.url));
  const installed = 'node_modules/@temper/nx/dist/plugin/digest-main.js';
  return existsSync(join(root, installed)) ? installed : file;
}

/** Those that package.json of the workspace names, as nodes of Nx's graph: another version of them is another result. */
function temperPackages(root: string): string[] {
  const file = join(root, 'package.json');
  if (!existsSync(file)) return [];
  const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>;
  const named = Object.keys({ ...dependencies, ...devDependencies });
  const ours = named.filter((name) => name.startsWith('@temper/') && name !== '@temper/nx');
  return ours.filter((name) => isInstalled(name, root)).sort();
}

/** What is not installed, or is a project of this workspace, is no external node of Nx's graph, which refuses its name. */
function isInstalled(name: string, root: string): boolean {
  const folders = createRequire(join(root, 'package.json')).resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name)).find((folder) => existsSync(folder));
  return found !== undefined && realpathSync(found).split(sep).includes('node_modules');
}
