import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createSessionFactory } from '@temper/onnxruntime';
import { Predictor } from '@temper/training';
import pc from 'picocolors';
import { usageError } from '../failure.js';
import { homeFolder } from '../services/home.js';
import { openSession, type Session } from '../services/session.js';
import type { Terminal } from '../terminal.js';

/** A classifier answers `label`, a language model `completion`. */
export interface Prediction {
  readonly text: string;
  readonly label?: string;
  /** Probability of the label. */
  readonly score?: number;
  readonly probabilities?: Readonly<Record<string, number>>;
  readonly completion?: string;
}

export async function predictTexts(
  terminal: Terminal,
  model: string,
  given: readonly string[],
  file: string | undefined,
): Promise<void> {
  const texts = [...given, ...(file === undefined ? [] : await linesOf(file))];
  if (!texts.length) {
    throw usageError('temper predict', 'there is no text', {
      hint: 'give texts as arguments, or --file (- is stdin)',
    });
  }
  await using session = await openSession(terminal);
  const predictions = await predictWith(session, model, texts);
  terminal.answer(predictions, () => {
    for (const p of predictions) {
      const answer = p.completion ?? `${pc.bold(p.label!)} ${pc.dim(`${(p.score! * 100).toFixed(1)}%`)}`;
      terminal.say(texts.length > 1 ? `${answer}  ${pc.dim(clipped(p.text))}` : answer);
    }
  });
}

/** In this process, on the CPU. */
export async function predictWith(
  session: Session,
  reference: string,
  texts: readonly string[],
): Promise<Prediction[]> {
  const { artifact } = await session.client.registry.resolve(reference);
  await using predictor = await Predictor.open(artifact, {
    artifacts: session.artifacts,
    sessions: createSessionFactory('cpu'),
    workFolder: join(homeFolder(), 'work'),
    cacheFolder: join(homeFolder(), 'cache', 'models'),
  });
  if (predictor.meta.task === 'sequence-classification') {
    const answers = await predictor.classify(texts);
    return answers.map(({ label, probabilities }, i) => ({
      text: texts[i]!,
      label,
      score: probabilities[label]!,
      probabilities,
    }));
  }
  const predictions: Prediction[] = [];
  for (const prompt of texts) {
    predictions.push({ text: prompt, completion: (await predictor.generate(prompt)).text });
  }
  return predictions;
}

async function linesOf(file: string): Promise<string[]> {
  const content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch(() => {
    throw usageError('--file', 'the file cannot be read', { found: file });
  });
  return content.split(/\r?\n/).filter((line) => line.trim() !== '');
}

const clipped = (words: string) =>
  (words.length > 70 ? `${words.slice(0, 69)}…` : words).replaceAll('\n', ' ');
