import { TemperError, type Example } from '@temper/contracts';
import { loadTokenizer } from '@temper/data';
import type { Runner } from '../case.js';

/** Loads the tokenizer and tokenises the examples as preprocess does for a language model. */
export const tokenizer: Runner = async ({ examples, itemMs = 2_000 }, [folder]) => {
  await using loaded = await loadTokenizer(folder!, { limits: { itemMs: itemMs as number } });
  const place = (i: number) => `row ${i + 1}`;
  const encoded = await loaded.encodeExamples(examples as Example[], { place });
  const refused = encoded.find((one) => one instanceof TemperError);
  if (refused) throw refused as TemperError;
  return { tokens: encoded.map((one) => ('inputIds' in one ? one.inputIds : { leftOut: one.message })) };
};
