import { TemperError, type MethodSpec, type Task } from '@temper/contracts';
import type { HfConfig, Parameter } from './architectures/family.js';
import { adaptedModules } from './adapter-targets.js';
import { classFor, recognize } from './architectures/registry.js';
import { describeGguf } from './formats/gguf/convert.js';
import { rebuildTokenizer } from './formats/gguf/tokenizer.js';
import { elementCount } from './formats/dtypes.js';
import { locateModel } from './locate.js';
import { openModel, weightProblems } from './model.js';

/** What the preflight tells about a base model. */
export interface ModelSummary {
  readonly format: 'directory' | 'gguf';
  /** The folder or file that was found. */
  readonly path: string;
  /** `model_type` of config.json. */
  readonly family: string;
  /** transformers' class for the task. */
  readonly architecture: string;
  /** Weights that take part. */
  readonly parameters: number;
  /** Longest sequence that the positions allow. */
  readonly maxPositions: number;
  readonly vocabularySize: number;
  readonly hasTokenizer: boolean;
}

/**
 * Reads headers only. Throws MODEL_UNSUPPORTED, MODEL_CORRUPT or SPEC_INVALID (the task, or modules that `method` names and
 * the model lacks) with all that is wrong.
 */
export async function checkModel(path: string, task: Task, method?: MethodSpec): Promise<ModelSummary> {
  const found = await describe(path);
  const recognized = recognize(found.config, found.path);
  const { family, settings } = recognized;
  const architecture = classFor(recognized, task, path);
  const head = { task, labels: 2 };
  const problems = weightProblems(recognized, found.weights, head, found.path);
  if (problems.length) throw new TemperError('MODEL_CORRUPT', problems);
  const parameters = family.parameters(settings, head);
  if (method?.type === 'lora') adaptedModules(linearNames(parameters), method.targetModules);
  return {
    format: found.format,
    path: found.path,
    family: found.config.model_type,
    architecture,
    parameters: parameters.reduce((sum, p) => sum + (p.initial ? 0 : elementCount(p.shape)), 0),
    maxPositions: family.maxPositions(settings),
    vocabularySize: Number(found.config.vocab_size),
    hasTokenizer: found.hasTokenizer,
  };
}

/** What both formats have, from their headers. */
interface Description extends Pick<ModelSummary, 'format' | 'path' | 'hasTokenizer'> {
  readonly config: HfConfig;
  readonly weights: ReadonlyMap<string, { readonly shape: readonly number[] }>;
}

async function describe(path: string): Promise<Description> {
  const place = await locateModel(path);
  if (place.format === 'gguf') {
    const { gguf, config, weights } = await describeGguf(place.file);
    // Throws where the kind of tokenizer is not supported.
    rebuildTokenizer(gguf);
    return { format: 'gguf', path: place.file, config, weights, hasTokenizer: true };
  }
  const { folder, config, weights, tokenizerFiles } = await openModel(place.folder);
  const hasTokenizer = tokenizerFiles.includes('tokenizer.json');
  return { format: 'directory', path: folder, config, weights, hasTokenizer };
}

/** Modules that multiply by a matrix. */
const linearNames = (parameters: readonly Parameter[]): string[] =>
  parameters
    .filter(({ name, shape, table }) => shape.length === 2 && name.endsWith('.weight') && !table)
    .map(({ name }) => name.slice(0, -'.weight'.length));
