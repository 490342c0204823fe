import { basename } from 'node:path';
import type { Task } from '@temper/contracts';
import { GraphBuilder, type Graph, type Value } from '@temper/graph';
import type { Head, Parameter } from './architectures/family.js';
import { classFor, recognize, type Recognized } from './architectures/registry.js';
import { masked, type RandomInput } from './dropout.js';
import { elementCount } from './formats/dtypes.js';
import { classesOfHead } from './head.js';
import { checkWeights, sameShape, type BaseModel } from './model.js';
import { normals } from './random.js';

export interface ForwardOptions {
  readonly task: Task;
  /** Classes; default: as many as the model's own head or config.json has, else 2. */
  readonly labels?: number | undefined;
  /** The classes of the files' head are others: what has a row a class is made anew. */
  readonly newHead?: boolean | undefined;
  /** Of a head that the files lack, or of a new one. */
  readonly seed: number;
  /** The longest sequence that will be fed, default 8,192; never more than the positions allow. */
  readonly maxLength?: number | undefined;
  /** Of the model itself, for training: the rates of config.json, or one for all places that it has them for; default 0. */
  readonly dropout?: 'config' | number | undefined;
}

export interface Forward {
  readonly graph: Graph;
  /** Weights of the head that were made from the seed. */
  readonly initialized: readonly string[];
  /** Further inputs: one mask for each place of dropout. */
  readonly randomInputs: readonly RandomInput[];
}

const defaultMaxLength = 8192;

/**
 * The forward graph. Inputs: input_ids, attention_mask int32 [batch, sequence], token_places int32 [tokens, 2] (the example and
 * position of each real token), for language models label_positions int32 [counted] (rows of token_places).
 * Output: logits [batch, classes] or [counted, vocabulary]. Weights stay in the model's own files.
 * @throws TemperError MODEL_CORRUPT with the weights that are missing or have a wrong shape
 */
export function buildForward(model: BaseModel, options: ForwardOptions): Forward {
  const recognized = recognize(model.config, model.folder);
  classFor(recognized, options.task, model.folder);
  const head: Head = { task: options.task, labels: options.labels ?? labelsOf(model) };
  checkWeights(recognized, model.weights, head, model.folder);

  const g = new GraphBuilder(`${model.family} ${options.task}`);
  const ids = (name: string) => g.input(name, 'int32', ['batch', 'sequence']);
  const inputIds = ids('input_ids');
  const attentionMask = ids('attention_mask');
  // A batch has a token once, and counts it once.
  const places = g.distinct(g.op('Cast', [g.input('token_places', 'int32', ['tokens', 2])], { to: 'int64' }));
  const labelPositions =
    options.task === 'causal-lm' ? g.distinct(g.input('label_positions', 'int32', ['counted'])) : undefined;
  const { weights, initialized } = initializers(g, model, recognized, head, options);
  const randomInputs: RandomInput[] = [];
  const logits = recognized.family.forward(
    {
      g,
      inputIds,
      attentionMask,
      places,
      labelPositions,
      head,
      weight: (name) => weights.get(name)!,
      maxSequence: Math.min(
        recognized.family.maxPositions(recognized.settings),
        options.maxLength ?? defaultMaxLength,
      ),
      dropout: (place, x, configured) => {
        const rate = options.dropout === 'config' ? configured : (options.dropout ?? 0);
        if (rate === 0) return x;
        const { value, input } = masked(g, `dropout.${place}`, x, 1 - rate)!;
        randomInputs.push(input);
        return g.op('Mul', [value, g.scalar('float32', 1 / input.keep)]);
      },
    },
    recognized.settings,
  );
  g.output(logits, 'logits');
  return { graph: g.build(), initialized, randomInputs };
}

/** Weights as external data that points into the model's files; what a head lacks is made from the seed. */
function initializers(
  g: GraphBuilder,
  model: BaseModel,
  { family, settings }: Recognized,
  head: Head,
  { seed, newHead = false }: ForwardOptions,
) {
  const weights = new Map<string, Value>();
  const initialized: string[] = [];
  for (const parameter of family.parameters(settings, head)) {
    const { name, shape } = parameter;
    const stored = model.weights.get(name);
    if (stored && sameShape(stored.shape, shape) && !(newHead && parameter.perClass)) {
      if (stored.dtype !== 'F32') {
        throw new TypeError(
          `${name} is ${stored.dtype}: prepareModel makes the float32 files that a graph needs`,
        );
      }
      const location = basename(stored.file);
      const { offset, length } = stored;
      weights.set(
        name,
        g.initializer(name, 'float32', shape, { kind: 'external', location, offset, length }),
      );
    } else {
      // checkWeights let this pass: it is a head's, absent or for other classes.
      const data = initialValues(parameter, seed);
      weights.set(name, g.initializer(name, 'float32', shape, { kind: 'inline', data }));
      initialized.push(name);
    }
  }
  return { weights, initialized };
}

function initialValues({ name, shape, initial }: Parameter, seed: number): Float32Array {
  const count = elementCount(shape);
  return initial?.kind === 'normal' ? normals(count, initial.deviation, seed, name) : new Float32Array(count);
}

/** Classes of the model's own head; a count of config.json alone costs a head's memory, so it is no larger than such are. */
function labelsOf(model: BaseModel): number {
  const names = model.config.id2label;
  const stated =
    typeof names === 'object' && names !== null ? Object.keys(names).length : model.config.num_labels;
  const plausible = Number.isInteger(stated) && (stated as number) > 0 && (stated as number) <= MOST_CLASSES;
  return classesOfHead(model) ?? (plausible ? (stated as number) : 2);
}

const MOST_CLASSES = 100_000;
