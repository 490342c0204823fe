import { Bleu } from './bleu.js';
import { rougeL, rougeN, rougeTokens } from './rouge.js';

/** What is measured of texts that a model wrote: means over them, and BLEU of all. */
export interface TextScores {
  /** Share of texts that equal their references, character by character. */
  readonly exactMatch: number;
  readonly rouge1: number;
  readonly rouge2: number;
  readonly rougeL: number;
  readonly bleu: number;
}

interface WrittenText {
  readonly reference: string;
  readonly written: string;
}

/** Of one reference a text. @throws RangeError for no texts, of which there is no mean */
export function textScores(texts: readonly WrittenText[]): TextScores {
  if (texts.length === 0) throw new RangeError('no texts to score');
  const bleu = new Bleu();
  const sums = { exactMatch: 0, rouge1: 0, rouge2: 0, rougeL: 0 };
  for (const { reference, written } of texts) {
    const [wanted, found] = [rougeTokens(reference), rougeTokens(written)];
    if (reference === written) sums.exactMatch++;
    sums.rouge1 += rougeN(wanted, found, 1);
    sums.rouge2 += rougeN(wanted, found, 2);
    sums.rougeL += rougeL(wanted, found);
    bleu.add(reference, written);
  }
  const mean = (sum: number) => sum / texts.length;
  return {
    exactMatch: mean(sums.exactMatch),
    rouge1: mean(sums.rouge1),
    rouge2: mean(sums.rouge2),
    rougeL: mean(sums.rougeL),
    bleu: bleu.score(),
  };
}
