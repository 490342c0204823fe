import { TemperError, type Metrics, type TokenizedSplit } from '@temper/contracts';
import { answerEnds, promptedExamples, type PromptedExample, type Tokenizer } from '@temper/data';
import type { GenerationSettings } from '@temper/spec';
import type { Measure, WrittenText } from '@temper/tasks';
import { writtenWords } from '@temper/tasks/schema';
import { intervalsOf, wholeOf, type Judged } from '../rows/compare.js';
import { writingBatches } from './batches.js';
import { writeOn } from './greedy.js';
import type { Side, Writers } from './writers.js';

/** How many texts a model wrote. */
interface Generated {
  readonly rows: number;
  /** Rows of the split. */
  readonly of: number;
  readonly maxNewTokens: number;
  /** Texts that the model did not end itself. */
  readonly cutOff: number;
}

export interface WrittenScores extends Pick<Judged, 'interval95'> {
  /** Of the texts, and `generated`. */
  readonly metrics: Metrics & { readonly generated: Generated };
}

interface Watch {
  /** After a token of each text that is being written: so many are done. @throws where the evaluation is to end */
  onToken(texts: number): void;
}

interface Writing {
  readonly writers: Writers;
  readonly settings: GenerationSettings;
  readonly watch: Watch;
  /** What is measured of the texts. */
  measure(texts: readonly WrittenText[]): Measure;
}

/** Writes an answer to the prompts of a split, greedily, and compares it with what stands there. */
export async function scoreTexts(
  side: Side,
  split: TokenizedSplit,
  { writers, settings, watch, measure }: Writing,
): Promise<WrittenScores> {
  const examples = promptedExamples(split, settings.rows);
  if (examples.length === 0) throw noPrompts();
  const { maxNewTokens } = settings;
  await using tokenizer = await writers.tokenizer();
  const options = { maxNewTokens, positions: await writers.positions(), ends: await answerEnds(tokenizer) };
  const writer = await writers.open(side);
  const texts: WrittenText[] = [];
  let [done, cutOff] = [0, 0];
  try {
    for (const batch of writingBatches(examples, { maxNewTokens, bytesPerToken: writer.bytesPerToken })) {
      const prompts = batch.map((i) => examples[i]!.prompt);
      const onToken = () => watch.onToken(done);
      const answers = await writeOn(writer.decoder(batch.length), prompts, { ...options, onToken });
      for (const [k, { written, stopped }] of answers.entries()) {
        if (stopped !== 'end') cutOff++;
        texts[batch[k]!] = await inWords(tokenizer, examples[batch[k]!]!.answer, written);
      }
      done += batch.length;
      watch.onToken(done);
    }
  } finally {
    await writer.release();
  }
  const rows = texts.length;
  const measured = measure(texts);
  const values = wholeOf(measured, rows);
  const scores = Object.fromEntries(measured.metrics.map((name, k) => [name, values[k]]));
  const generated = { rows, of: split.offsets.length - 1, maxNewTokens, cutOff };
  return { metrics: { ...scores, generated }, interval95: intervalsOf(measured, rows) };
}

async function inWords(tokenizer: Tokenizer, answer: PromptedExample['answer'], written: readonly number[]) {
  const textOf = async (ids: readonly number[]) => (await tokenizer.decode(ids)).trim();
  return { reference: await textOf(answer), written: await textOf(written) };
}

const noPrompts = () =>
  new TemperError('DATA_INVALID', {
    path: 'evaluation.metrics',
    message: 'no test row has a prompt, tokens in front of the first one that counts, to generate a text for',
    hint: `leave ${writtenWords} out of evaluation.metrics and evaluation.gate`,
  });
