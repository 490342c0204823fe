import { TemperError } from '@temper/contracts';
import { modulesOf, type Head, type HeadKind, type HfConfig } from './architectures/family.js';
import { adaptableOf, type Adaptable } from './adaptable.js';
import { parametersOf, type Module, type Parameter } from './build/module.js';
import { classFor, recognize, type Recognized } from './architectures/registry.js';
import { notFinite, type FloatPlace } from './formats/finite.js';
import { describeGguf } from './formats/gguf/convert.js';
import { rebuildTokenizer } from './formats/gguf/tokenizer.js';
import { elementCount } from './formats/dtypes.js';
import { firstOf, shown } from './formats/messages.js';
import { classesOfHead, hasHead } from './head.js';
import { headFacts } from './head-kinds.js';
import { locateModel } from './locate.js';
import { checkWeights, openModel } from './model.js';
import { refuseOtherPooling } from './pooling.js';

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
  /** Bytes of the weights in the files. */
  readonly bytes: number;
  /** Longest sequence that the positions allow. */
  readonly maxPositions: number;
  readonly vocabularySize: number;
  /** What a fine-tuning method can change. */
  readonly adaptable: Adaptable;
  /** Modules that an adapter's training trains whole: the task head, and what the files lack of it. */
  readonly heads: readonly string[];
  /** For classification: the classes of the head in the files, where they have one, and what config.json calls them. */
  readonly head?: { readonly classes: number | undefined; readonly id2label: unknown };
  /** Whether the files have the head, where it is one that they may lack and its size is the model's own. */
  readonly hasHead?: boolean | undefined;
}

/** A base model whose headers are right for a task. */
export interface CheckedModel extends ModelSummary {
  /** Reads all weights. @throws TemperError MODEL_CORRUPT with the tensors that have NaN or infinite elements */
  checkFinite(signal?: AbortSignal): Promise<void>;
}

/**
 * Reads headers only. Throws MODEL_UNSUPPORTED, MODEL_CORRUPT or SPEC_INVALID (the task, or modules that `adapted` names and
 * the model lacks) with all that is wrong.
 */
export async function checkModel(path: string, task: HeadKind): Promise<CheckedModel> {
  const found = await describe(path);
  if (headFacts[task].isPooled && found.format === 'directory') await refuseOtherPooling(found.path);
  const recognized = recognize(found.config, found.configPath);
  const { family, settings } = recognized;
  const architecture = classFor(recognized, task, path);
  const head = { task, labels: 2 };
  checkWeights(recognized, found.weights, head, found.path);
  const modules = modulesOf(family, settings, head);
  const parameters = parametersOf(modules);
  const places = placesOf(found.weights, recognized, head);
  return {
    format: found.format,
    path: found.path,
    family: found.config.model_type,
    architecture,
    parameters: parameters.reduce((sum, p) => sum + (p.initial ? 0 : elementCount(p.shape)), 0),
    bytes: places.reduce((sum, { length }) => sum + length, 0),
    maxPositions: family.maxPositions(settings),
    vocabularySize: family.vocabulary(settings),
    adaptable: adaptableOf(recognized, head),
    heads: headsOf(modules, found.weights),
    hasHead: hasHead({ ...found, folder: found.path }, task),
    checkFinite: (signal) => refuseNotFinite(found.path, places, signal),
    ...(headFacts[task].perClass
      ? {
          head: {
            classes: classesOfHead({ ...found, folder: found.path }, task),
            id2label: found.config.id2label,
          },
        }
      : {}),
  };
}

interface Stored extends FloatPlace {
  readonly shape: readonly number[];
}

/** What both formats have, from their headers. */
interface Description extends Pick<ModelSummary, 'format' | 'path'> {
  readonly config: HfConfig;
  readonly configPath: string;
  /** By transformers' names. */
  readonly weights: ReadonlyMap<string, Stored>;
}

async function describe(path: string): Promise<Description> {
  const place = await locateModel(path);
  if (place.format === 'gguf') {
    const { file } = place;
    const { gguf, config, weights } = await describeGguf(file);
    // Throws where the kind of tokenizer is not supported.
    rebuildTokenizer(gguf);
    const stored = new Map([...weights].map(([name, tensor]) => [name, { ...tensor, file }]));
    return { format: 'gguf', path: file, configPath: file, config, weights: stored };
  }
  const { folder, config, weights } = await openModel(place.folder);
  const stored = new Map(
    [...weights].map(([name, w]) => [name, { ...w, name: w.stored, type: w.dtype as string }]),
  );
  return {
    format: 'directory',
    path: folder,
    configPath: `${folder}/config.json`,
    config,
    weights: stored,
  };
}

/** The weights that take part, and those of a head that the files have. */
function placesOf(
  weights: ReadonlyMap<string, Stored>,
  { family, settings }: Recognized,
  head: Head,
): FloatPlace[] {
  const names = new Set(parametersOf(modulesOf(family, settings, head)).map(({ name }) => name));
  return [...weights].flatMap(([name, place]) => (names.has(name) ? [place] : []));
}

async function refuseNotFinite(
  path: string,
  places: readonly FloatPlace[],
  signal?: AbortSignal,
): Promise<void> {
  const bad = await notFinite(places, signal);
  if (!bad.length) return;
  throw new TemperError(
    'MODEL_CORRUPT',
    firstOf(
      bad.map(({ name, count, first }) => ({
        path: `${path}: ${shown(name)}`,
        message: 'has weights that are NaN or infinite',
        found: `${count}, the first at ${first}`,
        hint: 'the checkpoint is damaged, or was saved after its training diverged: take another',
      })),
    ),
  );
}

/** Modules that are made anew, or may be. */
const headsOf = (modules: readonly Module[], weights: ReadonlyMap<string, unknown>): string[] => {
  const isMade = ({ name, initial, perClass, withClasses }: Parameter) =>
    initial && (perClass || withClasses || !weights.has(name));
  return modules.filter((module) => parametersOf([module]).some(isMade)).map(({ name }) => name);
};
