import { stageNames, TemperError, type Digest } from '@temper/contracts';
import type { StageInput, StageOutput } from '@temper/spec';
import { cachedStage } from './cached-stage.js';
import type { StagePorts } from './ports.js';
import { stageActivity, type StageContext } from './stage-activity.js';

/** A stage of somebody's own. */
export interface CustomStage<I extends StageInput, O extends StageOutput> {
  /** Of the activity; its entries in the stage cache are under it. */
  readonly name: string;
  /** Version of the stage's code: raise it where equal inputs give another result than before. */
  readonly code: string;
  /** All that its result follows from: artifacts by their digests, and settings. */
  readonly reads: (input: I) => { readonly inputs: readonly Digest[]; readonly settings?: unknown };
  /** Its output with what people read of it; artifacts in it are looked for before a cached output is taken. */
  readonly run: (input: I, context: StageContext) => Promise<Omit<O, 'cached' | 'attempts' | 'preemptions'>>;
}

/**
 * An activity that is as Temper's stages in everything but the work: it heartbeats while `run` works, aborts the signal on
 * a cancellation or a shutdown, gives TemperErrors their code (by which they are tried again or not), counts attempts, and
 * takes its output from the stage cache where nothing that it reads has changed. `fresh` in the input does the work anyway.
 *
 * @throws TemperError SPEC_INVALID where the name is none, or that of one of Temper's stages.
 */
export function customStage<I extends StageInput, O extends StageOutput>(
  ports: Pick<StagePorts, 'artifacts' | 'cache'>,
  { name, code, reads, run }: CustomStage<I, O>,
): (input: I) => Promise<O> {
  checkName(name);
  return stageActivity<I, O>(name, async (input, context) => {
    const { inputs, settings = null } = reads(input);
    const entry = { code, inputs, spec: settings };
    const output = await cachedStage(ports, name, entry, input.fresh, () => run(input, context));
    return output as unknown as O;
  });
}

function checkName(name: string): void {
  const taken = stageNames.some((stage) => stage === name);
  if (/^[A-Za-z][\w-]{0,62}$/.test(name) && !taken) return;
  throw new TemperError('SPEC_INVALID', {
    path: 'customStage.name',
    message: taken ? 'one of the stages of Temper has this name' : 'not a name for a stage',
    found: name,
    allowed: 'letters, digits, "_" and "-", a letter first, at most 63',
  });
}
