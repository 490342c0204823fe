import { fileURLToPath } from 'node:url';
import {
  addProjectConfiguration,
  formatFiles,
  generateFiles,
  joinPathFragments,
  readProjectConfiguration,
  type Tree,
} from '@nx/devkit';
import { determineProjectNameAndRootOptions } from '@nx/devkit/internal';
import { fileOf, samples } from './samples.js';
import type { PipelineGeneratorSchema } from './schema.js';

// The same distance from src/ and from dist/.
const files = fileURLToPath(new URL('../../../src/generators/pipeline/files', import.meta.url));

/** A folder with `temper.yaml` and data. Its targets are inferred, so project.json says only what cannot be. */
export default async function pipelineGenerator(
  tree: Tree,
  { task = 'sequence-classification', base, worker, skipFormat, tags, ...options }: PipelineGeneratorSchema,
): Promise<void> {
  const { projectName, projectRoot } = await determineProjectNameAndRootOptions(tree, {
    ...options,
    projectType: 'application',
  });
  // Throws where there is no such project.
  if (worker) readProjectConfiguration(tree, worker);
  const sample = samples[task];
  addProjectConfiguration(tree, projectName, {
    root: projectRoot,
    projectType: 'application',
    targets: {},
    ...(tags ? { tags: tags.split(',').map((tag) => tag.trim()) } : {}),
    ...(worker ? { implicitDependencies: [worker] } : {}),
  });
  generateFiles(tree, files, projectRoot, {
    name: projectName,
    task,
    base: base ?? sample.base,
    format: sample.format,
    maxSteps: sample.base.includes('smollm') ? 6 : 20,
  });
  tree.write(joinPathFragments(projectRoot, `data/train.${sample.format}`), fileOf(sample));
  if (!skipFormat) await formatFiles(tree);
}
