import { TemperError, type Problem } from '@temper/contracts';
import { z } from 'zod';
import { crossChecks } from './cross-checks.js';
import { withDerivedDefaults } from './derived-defaults.js';
import { pipelineSpecSchema, type PipelineSpec } from './pipeline-spec.js';
import { problemsIn } from './schema-problems.js';
import { unknownFieldHelp } from './unknown-field.js';
import { related, withoutMistakes } from './without-mistakes.js';

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

/** For editors: `# yaml-language-server: $schema=…`. */
export const pipelineJsonSchema = () => z.toJSONSchema(pipelineSpecSchema, { io: 'input' });

/** `training.epochs` for `epochs`, `num_train_epochs` and the like; of several places the first. */
export const fieldCalled = (name: string): string | undefined =>
  /^here: ([\w.]+)/.exec(unknownFieldHelp(pipelineSpecSchema, [], [name], {})[0]?.hint ?? '')?.[1];
