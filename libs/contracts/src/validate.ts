import { z } from 'zod';
import { TemperError, type Problem } from './errors.js';
import { metricProblems } from './metric-checks.js';
import { nearest } from './nearest.js';
import { at, formOf, literalValues, unionBranches, valuesOf, type Schema } from './schema-walk.js';
import { unknownFieldHelp } from './unknown-field.js';
import { shownSource } from './shown-source.js';
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
  const rest = withoutMistakes(input);
  if (rest) {
    const spec = withDerivedDefaults(rest);
    return { spec, problems: [...problems, ...furtherProblems(spec, problems, taskIsKnown)] };
  }
  // What is required and missing is stood in for: the rest is checked all the same.
  const standIn = withoutMistakes(withSources(input));
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
  const related = (a: string, b: string) => `${a}.`.startsWith(`${b}.`) || `${b}.`.startsWith(`${a}.`);
  return crossChecks(spec, taskIsKnown).filter(
    ({ path }) => !told.some((problem) => related(path, problem.path)),
  );
}

/** What the schema accepts once the fields that are wrong are left out, and where that does not help, what holds them. */
function withoutMistakes(input: unknown): z.output<typeof pipelineSpecSchema> | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  // A name that is wrong says nothing about the rest.
  const copy: Record<string, unknown> = { name: 'unnamed', ...structuredClone(input) };
  for (let round = 0; round < 4; round++) {
    const parsed = pipelineSpecSchema.safeParse(copy);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const path = issue.path.map(String);
      const wrong = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
      for (const place of wrong) leaveOut(copy, place);
    }
    copy.name ??= 'unnamed';
  }
  return undefined;
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
  const classification = spec.task === 'sequence-classification';
  const fits = classification ? 'label' in columns || 'inputIds' in columns : !('label' in columns);
  if (!fits) {
    problems.push({
      path: 'dataset.columns',
      message: `these columns do not fit the task ${spec.task}`,
      found: `{${Object.keys(columns).join(', ')}}`,
      allowed: classification
        ? '{text, label} or {inputIds, labels}'
        : '{prompt, completion}, {instruction, input, output}, {messages}, {text} or {inputIds, labels}',
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
  return [...problems, ...(taskIsKnown ? metricProblems(spec) : [])];
}

/** zod's issues as problems: where, what was found, what the schema allows there, the nearest name. */
export const problemsIn = (issues: readonly z.core.$ZodIssue[], input: unknown, schema: Schema): Problem[] =>
  issues.flatMap((issue) => problemsOf(issue, input, schema));

/** More unknown fields of one group are nobody's typing mistakes. */
const HELPED = 50;

function problemsOf(issue: z.core.$ZodIssue, input: unknown, root: Schema): Problem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const help = unknownFieldHelp(root, path, issue.keys.slice(0, HELPED), input);
    return issue.keys.map((key, i) => ({
      path: [...path, key].join('.'),
      message: 'unknown field',
      found: shown(at(input, [...path, key])),
      ...help[i],
    }));
  }
  const found = shown(at(input, path));
  const base = { path: path.join('.') || '(spec)', found };
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    return [
      {
        ...base,
        message: 'not an allowed value',
        allowed: allowed.join(', '),
        ...hint(nearest(found, allowed)),
      },
    ];
  }
  if (issue.code === 'invalid_union') {
    // Where the value has the form of one alternative alone, what is wrong lies inside of it.
    const inside = issue.errors.filter((found) => found.every((inner) => inner.path.length > 0));
    if (inside.length === 1 && issue.errors.length > 1) {
      return inside[0]!.flatMap((inner) =>
        problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, input, root),
      );
    }
    const branches = unionBranches(root, path);
    if (issue.discriminator) {
      const allowed = branches.flatMap((b) => literalValues(b, issue.discriminator as string));
      return [
        {
          ...base,
          message: 'not an allowed value',
          allowed: allowed.join(', '),
          ...hint(nearest(found, allowed)),
        },
      ];
    }
    return [
      {
        ...base,
        message: 'fits none of the allowed forms',
        allowed: branches.map(formOf).join(' or '),
        ...hint(nearest(found, branches.flatMap(valuesOf))),
      },
    ];
  }
  const { allowed } = (issue as { params?: { allowed?: string } }).params ?? {};
  return [
    { ...base, message: issue.message.replace(/^Invalid input: /, ''), ...(allowed ? { allowed } : {}) },
  ];
}

const hint = (name: string | undefined) => (name ? { hint: `did you mean ${name}?` } : {});

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  // What is secret in an address is not repeated.
  const plain = typeof value === 'string' ? shownSource(value) : value;
  const json = (JSON.stringify(plain) ?? String(plain)).replace(/:\/\/[^/?#]*@/, '://…@');
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}
