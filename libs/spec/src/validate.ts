import { canPack, fixedPrecisionOf } from '@temper/methods/schema';
import { settingProblems } from '@temper/optimizers/schema';
import {
  formInWords,
  formOf,
  hidingTasks,
  isTokenised,
  lossProblems,
  problemTypesOf,
  taskSchemaOf,
} from '@temper/tasks/schema';
import { z } from 'zod';
import { nearest, shownSource, TemperError, type Problem } from '@temper/contracts';
import { metricProblems } from './metric-checks.js';
import { mistakeInWords, valueHelp } from './mistake-words.js';
import {
  at,
  formOf as schemaForm,
  literalValues,
  schemaAt,
  unionBranches,
  valuesOf,
  type Schema,
} from './schema-walk.js';
import { unknownFieldHelp } from './unknown-field.js';
import {
  pipelineSpecSchema,
  withDerivedDefaults,
  type PipelineSpec,
  type PipelineSpecInput,
} from './pipeline-spec.js';

/** Checks a spec and fills in the defaults; all mistakes are reported at once as SPEC_INVALID. */
export function parsePipelineSpec(input: unknown): PipelineSpec {
  const { spec, problems } = readPipelineSpec(input);
  if (problems.length) throw new TemperError('SPEC_INVALID', problems);
  return spec!;
}

/**
 * The spec and its mistakes. Where there are some, the spec is the one without the fields that are wrong, so that the
 * rest of it (its files, say) can be looked at all the same; there is none where a field is missing that it needs.
 */
export function readPipelineSpec(
  input: unknown,
  { taskIsKnown = true }: { readonly taskIsKnown?: boolean } = {},
): { spec?: PipelineSpec; problems: Problem[] } {
  const parsed = pipelineSpecSchema.safeParse(input);
  if (parsed.success) {
    const spec = withDerivedDefaults(parsed.data);
    return { spec, problems: crossChecks(spec, taskIsKnown) };
  }
  const problems = problemsIn(parsed.error.issues, input, pipelineSpecSchema);
  const { spec: rest, hidden } = withoutMistakes(input);
  problems.push(...hidden);
  if (rest) {
    const spec = withDerivedDefaults(rest);
    return { spec, problems: [...problems, ...furtherProblems(spec, problems, taskIsKnown)] };
  }
  // What is required and missing is stood in for: the rest is checked all the same.
  const { spec: standIn } = withoutMistakes(withSources(input));
  const further = standIn ? furtherProblems(withDerivedDefaults(standIn), problems, taskIsKnown) : [];
  return { problems: [...problems, ...further] };
}

function withSources(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return undefined;
  const { dataset } = input as { dataset?: object };
  return { ...input, model: { base: './unnamed' }, dataset: { ...dataset, train: './unnamed' } };
}

/** What does not go together, beside what is wrong by itself: not where that was told, nor without a task that is known. */
function furtherProblems(spec: PipelineSpec, told: readonly Problem[], taskIsKnown: boolean): Problem[] {
  if (told.some(({ path }) => path === 'task')) return [];
  return crossChecks(spec, taskIsKnown).filter(
    (problem) => !told.some(({ path }) => related(problem.path, path) || hangsOn(problem, path)),
  );
}

/** Whose setting it is says nothing where the optimizer or schedule stands in for a name that is none. */
const hangsOn = ({ message }: Problem, told: string) =>
  /^training\.(optimizer|scheduler)$/.test(told) && message.startsWith('is no setting of');

/** One is the other, or lies inside of it. */
const related = (a: string, b: string) => `${a}.`.startsWith(`${b}.`) || `${b}.`.startsWith(`${a}.`);

/**
 * What the schema accepts once the fields that are wrong are left out, and where that does not help, what holds them; and
 * the mistakes that the first ones hid: those beside a `type` that is none, say.
 */
function withoutMistakes(input: unknown): {
  spec?: z.output<typeof pipelineSpecSchema>;
  hidden: readonly Problem[];
} {
  const hidden: Problem[] = [];
  if (typeof input !== 'object' || input === null) return { hidden };
  // A name that is wrong says nothing about the rest.
  const copy: Record<string, unknown> = { name: 'unnamed', ...structuredClone(input) };
  const leftOut: string[] = [];
  for (let round = 0; round < 4; round++) {
    const parsed = pipelineSpecSchema.safeParse(copy);
    if (parsed.success) return { spec: parsed.data, hidden };
    const issues = parsed.error.issues.flatMap(inward);
    const news = round === 0 ? [] : problemsIn(issues, copy, pipelineSpecSchema);
    hidden.push(...news.filter(({ path }) => !leftOut.some((gone) => related(path, gone))));
    for (const issue of issues) {
      const path = issue.path.map(String);
      const whole = issue.code !== 'unrecognized_keys' || isColumns(path);
      for (const place of whole ? [path] : issue.keys.map((key) => [...path, key])) {
        leaveOut(copy, place);
        leftOut.push(place.join('.'));
      }
    }
    copy.name ??= 'unnamed';
  }
  return { hidden };
}

/** Of columns the set of keys says what a row is: without one of them they would be another kind of row. */
const isColumns = (path: readonly string[]) => path.join('.') === 'dataset.columns';

/** Where a value has the form of one alternative alone, what is wrong lies inside of it. */
function inward(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length < 2) return [issue];
  const inside = issue.errors.filter((found) => found.every((inner) => inner.path.length > 0));
  if (inside.length !== 1) return [issue];
  return inside[0]!.flatMap((inner) => inward({ ...inner, path: [...issue.path, ...inner.path] }));
}

function leaveOut(spec: Record<string, unknown>, place: readonly string[]): void {
  const holder = at(spec, place.slice(0, -1));
  const key = place.at(-1);
  if (key === undefined || typeof holder !== 'object' || holder === null) return;
  if (Object.hasOwn(holder, key)) delete (holder as Record<string, unknown>)[key];
  else leaveOut(spec, place.slice(0, -1));
}

/** For pipelines written in TypeScript: the same checks, with types. */
export const definePipeline = (spec: PipelineSpecInput): PipelineSpec => parsePipelineSpec(spec);

/** For editors: `# yaml-language-server: $schema=…`. */
export const pipelineJsonSchema = () => z.toJSONSchema(pipelineSpecSchema, { io: 'input' });

/** `taskIsKnown`: the task is the spec's own, and not one that stands in until the data can be looked at. */
function crossChecks(spec: PipelineSpec, taskIsKnown = true): Problem[] {
  const problems: Problem[] = [];
  const { split, columns } = spec.dataset;
  const total = split.train + split.validation + split.test;
  if (Math.abs(total - 1) > 1e-6) {
    problems.push({
      path: 'dataset.split',
      message: 'train, validation and test must add up to 1',
      found: String(total),
    });
  }
  const known = problemTypesOf(spec.task);
  if (spec.problemType !== undefined && !known.includes(spec.problemType)) {
    problems.push({
      path: 'problemType',
      message: `is not a problem of the task ${spec.task}`,
      found: spec.problemType,
      allowed: known.length ? known.join(', ') : 'none',
    });
  }
  const forms = taskSchemaOf(spec).columns;
  if (!forms.includes(formOf(columns))) {
    problems.push({
      path: 'dataset.columns',
      message: `these columns do not fit the task ${spec.task}`,
      found: `{${Object.keys(columns).join(', ')}}`,
      allowed: listed(forms.map(formInWords)),
    });
  }
  if (
    spec.training.loadBestModelAtEnd &&
    spec.training.evalStrategy === 'no' &&
    spec.training.earlyStoppingPatience
  ) {
    problems.push({
      path: 'training.earlyStoppingPatience',
      message: 'needs evaluations during training',
      found: 'evalStrategy no',
      allowed: 'evalStrategy epoch or steps',
    });
  }
  problems.push(...packingProblems(spec), ...splitProblems(spec), ...batchProblems(spec));
  problems.push(...precisionProblems(spec));
  problems.push(...maskingProblems(spec), ...settingProblems(spec.training));
  if (taskIsKnown) problems.push(...lossProblems(taskSchemaOf(spec), spec.training), ...metricProblems(spec));
  return problems;
}

function packingProblems({ task, method, tokenize: { packing }, ...spec }: PipelineSpec): Problem[] {
  if (!packing) return [];
  const given = { path: 'tokenize.packing', found: 'true', allowed: 'false' };
  const isLearntAlone = taskSchemaOf({ task, ...spec }).canBePacked;
  return [
    ...(isLearntAlone ? [] : [{ ...given, message: `examples of ${task} cannot share a sequence` }]),
    ...(canPack(method)
      ? []
      : [
          {
            ...given,
            message: `${method.type} puts tokens in front of each example: examples cannot share a sequence`,
          },
        ]),
  ];
}

function precisionProblems({ model: { precision }, method }: PipelineSpec): Problem[] {
  const why = fixedPrecisionOf(method);
  if (precision === 'fp32' || why === undefined) return [];
  const message = `method ${method.type} ${why}`;
  return [{ path: 'model.precision', message, found: precision, allowed: 'fp32, or another method' }];
}

/** Where other splits are taken from train, a share of it has to stay. */
function splitProblems({ dataset }: PipelineSpec): Problem[] {
  const { split } = dataset;
  const taken = (['validation', 'test'] as const).some((name) => !dataset[name] && split[name] > 0);
  if (split.train > 0 || !taken) return [];
  return [
    {
      path: 'dataset.split.train',
      message: 'leaves no row to train on',
      found: String(split.train),
      allowed: 'more than 0',
    },
  ];
}

/** An example that is compared with itself alone: its loss is 0, whatever the model is. */
function batchProblems(spec: PipelineSpec): Problem[] {
  const { comparesExamples, sequencesPerExample } = taskSchemaOf(spec);
  const { trainBatchSize } = spec.training;
  if (!comparesExamples || trainBatchSize > 1) return [];
  if ((sequencesPerExample?.(spec.dataset.columns) ?? 1) > 2) return [];
  return [
    {
      path: 'training.trainBatchSize',
      message: 'the other examples of a batch are what an example is compared with',
      found: '1',
      allowed: '2 or more, or a column of negatives',
    },
  ];
}

function maskingProblems(spec: PipelineSpec): Problem[] {
  const { mlmProbability } = spec.training;
  if (mlmProbability === undefined) return [];
  const given = { path: 'training.mlmProbability', found: String(mlmProbability) };
  if (!taskSchemaOf(spec).masking) {
    const message = `${spec.task} hides no tokens`;
    return [{ ...given, message, allowed: `only with task ${hidingTasks}` }];
  }
  if (!isTokenised(spec.dataset.columns)) return [];
  return [{ ...given, message: 'the labels of token ids say what is hidden', allowed: 'only with {text}' }];
}

/** `a, b or c` */
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

/** zod's issues as problems: where, what was found, what the schema allows there, the nearest name. */
export const problemsIn = (issues: readonly z.core.$ZodIssue[], input: unknown, schema: Schema): Problem[] =>
  issues.flatMap(inward).flatMap((issue) => problemsOf(issue, input, schema));

/** More unknown fields of one group are nobody's typing mistakes. */
const HELPED = 50;

function problemsOf(issue: z.core.$ZodIssue, input: unknown, root: Schema): Problem[] {
  const path = issue.path.map(String);
  const value = at(input, path);
  const base = { path: path.join('.') || '(spec)', found: shown(value) };
  if (issue.code === 'unrecognized_keys' && !isColumns(path)) {
    const help = unknownFieldHelp(root, path, issue.keys.slice(0, HELPED), input);
    return issue.keys.map((key, i) => ({
      path: [...path, key].join('.'),
      message: 'unknown field',
      found: shown(at(input, [...path, key])),
      ...help[i],
    }));
  }
  if (issue.code === 'invalid_value') {
    return [{ ...base, message: 'not an allowed value', ...valueHelp(value, issue.values.map(String)) }];
  }
  const branches = unionBranches(root, path);
  if (issue.code === 'invalid_union' && issue.discriminator) {
    const allowed = branches.flatMap((b) => literalValues(b, issue.discriminator as string));
    return [{ ...base, message: 'not an allowed value', ...valueHelp(value, allowed) }];
  }
  if (issue.code === 'invalid_union' || issue.code === 'unrecognized_keys') {
    const forms = branches.map(schemaForm);
    return [
      {
        ...base,
        message: 'fits none of the allowed forms',
        allowed: forms.join(' or '),
        ...hint(nearestForm(value, forms) ?? nearest(base.found, branches.flatMap(valuesOf))),
      },
    ];
  }
  return [{ ...base, ...mistakeInWords(issue, value, schemaAt(root, path)) }];
}

const hint = (name: string | undefined) => (name ? { hint: `did you mean ${name}?` } : {});

/** The form whose names are nearest to the keys of an object. */
function nearestForm(value: unknown, forms: readonly string[]): string | undefined {
  if (Array.isArray(value) && forms.includes('{values}')) return `{ values: ${shown(value)} }`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return nearest(`{${Object.keys(value).slice(0, HELPED).join(', ')}}`, forms);
}

/** `training.epochs` for `epochs`, `num_train_epochs` and the like; of several places the first. */
export const fieldCalled = (name: string): string | undefined =>
  /^here: ([\w.]+)/.exec(unknownFieldHelp(pipelineSpecSchema, [], [name], {})[0]?.hint ?? '')?.[1];

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  // What is secret in an address is not repeated.
  const plain = typeof value === 'string' ? shownSource(value) : value;
  const json = (JSON.stringify(plain) ?? String(plain)).replace(/:\/\/[^/?#]*@/, '://…@');
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}
