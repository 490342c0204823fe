import { TemperError, type TokenizedSplit } from '@temper/contracts';
import { answerEnds, promptedExamples, type PromptedExample, type Tokenizer } from '@temper/data';
import type { GenerationSettings } from '@temper/spec';
import { textScores, type TextScores } from '@temper/tasks';
import { writtenWords } from '@temper/tasks/schema';
import { writingBatches } from './batches.js';
import { writeOn } from './greedy.js';
import type { Side, Writers } from './writers.js';

/** Raise it where the same model would be said to write other texts, or to write worse. */
export const GENERATION_CODE = 'generation/1';

/** Scores of the texts that a model wrote, and how many they are. */
export interface WrittenScores extends TextScores {
  readonly generated: {
    readonly rows: number;
    /** Rows of the split. */
    readonly of: number;
    readonly maxNewTokens: number;
    /** Texts that the model did not end itself. */
    readonly cutOff: number;
  };
}

interface Watch {
  /** After a token of each text that is being written: so many are done. @throws where the evaluation is to end */
  onToken(texts: number): void;
}

/** Writes an answer to the prompts of a split, greedily, and compares it with what stands there. */
export async function scoreTexts(
  side: Side,
  split: TokenizedSplit,
  { writers, settings, watch }: { writers: Writers; settings: GenerationSettings; watch: Watch },
): Promise<WrittenScores> {
  const examples = promptedExamples(split, settings.rows);
  if (examples.length === 0) throw noPrompts();
  const { maxNewTokens } = settings;
  await using tokenizer = await writers.tokenizer();
  const options = { maxNewTokens, positions: await writers.positions(), ends: await answerEnds(tokenizer) };
  const writer = await writers.open(side);
  const texts: { reference: string; written: string }[] = [];
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
  const of = split.offsets.length - 1;
  return { ...textScores(texts), generated: { rows: texts.length, of, maxNewTokens, cutOff } };
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
