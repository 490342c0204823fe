import {
  addDependenciesToPackageJson,
  formatFiles,
  readNxJson,
  updateNxJson,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { temperVersion } from '../versions.js';
import type { InitGeneratorSchema } from './schema.js';

const PLUGIN = '@temper/nx';

/** What `nx add @temper/nx` runs. Doing it again changes nothing. */
export default async function initGenerator(
  tree: Tree,
  options: InitGeneratorSchema = {},
): Promise<GeneratorCallback> {
  registerPlugin(tree);
  ignoreState(tree);
  const install = options.skipPackageJson
    ? () => undefined
    : addDependenciesToPackageJson(
        tree,
        {},
        { '@temper/cli': temperVersion, [PLUGIN]: temperVersion },
        undefined,
        options.keepExistingVersions ?? false,
      );
  if (!options.skipFormat) await formatFiles(tree);
  return install;
}

function registerPlugin(tree: Tree): void {
  const nxJson = readNxJson(tree) ?? {};
  const plugins = nxJson.plugins ?? [];
  if (plugins.some((plugin) => (typeof plugin === 'string' ? plugin : plugin.plugin) === PLUGIN)) return;
  updateNxJson(tree, { ...nxJson, plugins: [...plugins, { plugin: PLUGIN, options: {} }] });
}

/** Where Temper keeps its state, logs and caches is no source. */
function ignoreState(tree: Tree): void {
  const written = tree.read('.gitignore', 'utf-8') ?? '';
  if (written.split(/\r?\n/).some((line) => /^\/?\.temper\/?$/.test(line.trim()))) return;
  tree.write('.gitignore', `${written}${written === '' || written.endsWith('\n') ? '' : '\n'}.temper/\n`);
}
