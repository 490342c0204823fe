import { expect, it } from 'vitest';
import { compiling, read, withoutEach, type Variant } from './left-out.js';

/** Of each kind that docs/adding-a-*.md describe: a file, its constant, and the members of it that may be left out. */
const examples = [
  ['libs/models/src/architectures/albert.ts', 'albert', ['tied']],
  ['libs/models/src/architectures/gpt-j.ts', 'gptJ', ['tied']],
  ['libs/models/src/architectures/olmo2.ts', 'olmo2', ['gguf', 'heads']],
  ['libs/models/src/architectures/gpt2.ts', 'gpt2', ['tied', 'gguf']],
  ['libs/models/src/architectures/qwen3.ts', 'qwen3', ['gguf']],
  ['libs/methods/src/ln-tuning.ts', 'lnTuning', []],
  ['libs/methods/src/ln-tuning.ts', 'format', ['modules']],
  ['libs/methods/src/schema/ln-tuning.ts', 'lnTuningSchema', []],
  ['libs/tasks/src/regression.ts', 'regression', ['rows', 'read']],
  ['libs/tasks/src/schema/regression.ts', 'regression', ['problemType', 'labelForm', 'sizedHead']],
  ['libs/optimizers/src/lion.ts', 'lion', []],
  ['libs/optimizers/src/lion.ts', 'rule', []],
  ['libs/optimizers/src/schedules/cosine-with-min-lr.ts', 'cosineWithMinLr', []],
  // Tables of which each has a line for every line of another.
  ['libs/methods/src/table.ts', 'methods', []],
  ['libs/tasks/src/table.ts', 'taskDefinitions', []],
] as const;

it('does not compile where a member or a line of a table is left out, and does as it is', () => {
  const whole = [...new Set(examples.map(([file]) => file))].map((file): Variant => ({
    member: 'nothing',
    file,
    text: read(file),
  }));
  const left = examples.flatMap(([file, constant]) =>
    withoutEach(file, constant).map((variant) => ({ ...variant, constant })),
  );
  const allowed = examples.flatMap(([file, constant, members]) =>
    members.map((member) => `${file} ${constant}: ${member}`),
  );
  const found = compiling([...whole, ...left]).map((variant) => variant as (typeof left)[number]);
  expect(found.filter(({ member }) => member === 'nothing').map(({ file }) => file)).toEqual(
    whole.map(({ file }) => file),
  );
  const said = found.filter(({ member }) => member !== 'nothing');
  expect(said.map(({ file, constant, member }) => `${file} ${constant}: ${member}`).sort()).toEqual(
    allowed.sort(),
  );
}, 300_000);
