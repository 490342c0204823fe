import { visibleLine } from '@temper/contracts';
import { join } from 'node:path';
import { createSessionFactory } from '@temper/onnxruntime';
import { Predictor } from '@temper/inference';
import type { Reading, TaskDefinition } from '@temper/tasks';
import { pc } from '../style.js';
import { usageError } from '../failure.js';
import { homeFolder } from '../services/home.js';
import { openSession, type Session } from '../services/session.js';
import type { Terminal } from '../terminal.js';
import { contextOf, maxTokensOf, promptsOf, type Asked, type PredictFlags } from './prompts.js';

/** What the task reads from a text (`label`, `labels`, `value`, `entities`, `fills`, `answer`), or a language model's `completion`. */
export interface Prediction extends Reading {
  readonly text: string;
  /** Cosine with the first text, of models that make vectors. */
  readonly similarity?: number;
  readonly completion?: string;
  /** Of the completion. */
  readonly tokens?: number;
  /** `end`: the model ended it; `length`, `positions`: it was cut off. */
  readonly stopped?: 'end' | 'length' | 'positions';
}

export async function predictTexts(
  terminal: Terminal,
  model: string,
  given: readonly string[],
  flags: PredictFlags,
): Promise<void> {
  const asked = await promptsOf(given, flags);
  const maxNewTokens = maxTokensOf(flags);
  await using session = await openSession(terminal);
  const context = await contextOf(flags);
  const predictions = await predictWith(session, model, asked, { maxNewTokens, context });
  terminal.answer(predictions, () => {
    for (const [i, prediction] of predictions.entries())
      printPrediction(terminal, prediction, predictions.length, i);
  });
}

/** A label fits on the line of its text; an answer has lines of its own, under what was asked. */
function printPrediction(terminal: Terminal, p: Prediction, of: number, i: number): void {
  if (p.completion === undefined) {
    const label = readingInWords(p);
    terminal.say(of > 1 ? `${label}  ${pc.dim(clipped(p.text))}` : label);
    return;
  }
  if (of > 1) terminal.say(`${i ? '\n' : ''}${pc.dim(`[${i + 1}/${of}]`)} ${pc.bold(clipped(p.text))}`);
  terminal.say(p.completion);
  const cut = {
    end: '',
    length: `… cut off after ${p.tokens} tokens (--max-tokens)`,
    positions: `… cut off after ${p.tokens} tokens: the model has no more positions`,
  }[p.stopped!];
  if (cut) terminal.note(cut);
}

function readingInWords(reading: Reading & Pick<Prediction, 'similarity'>): string {
  const { label, score, labels, value, probabilities, entities, fills, embedding, similarity, answer } =
    reading;
  const sure = (p: number) => pc.dim(`${(p * 100).toFixed(1)}%`);
  if (fills) {
    const words = (of: (typeof fills)[number]) =>
      of.map(
        ({ token, score }, i) => `${i ? visibleLine(token) : pc.bold(visibleLine(token))} ${sure(score)}`,
      );
    return fills.map((of) => words(of).join(', ')).join('\n');
  }
  if (entities) {
    const named = entities.map(
      ({ label, text, score }) => `${pc.bold(visibleLine(label))} ${visibleLine(text)} ${sure(score)}`,
    );
    return named.join(', ') || pc.dim('nothing named');
  }
  if (answer !== undefined)
    return `${answer ? pc.bold(visibleLine(answer)) : pc.dim('no answer')} ${sure(score!)}`;
  if (similarity !== undefined) return `${pc.bold(similarity.toFixed(4))} ${pc.dim('alike to the first')}`;
  if (embedding) return `[${embedding.map((x) => x.toPrecision(6)).join(', ')}]`;
  if (value !== undefined) return pc.bold(String(Number(value.toPrecision(6))));
  if (label !== undefined) return `${pc.bold(visibleLine(label))} ${sure(score!)}`;
  const said = (labels ?? []).map((name) => `${pc.bold(visibleLine(name))} ${sure(probabilities![name]!)}`);
  return said.join(', ') || pc.dim('no label');
}

/** In this process, on the CPU. */
export async function predictWith(
  session: Session,
  reference: string,
  asked: readonly Asked[],
  options: AskOptions = {},
): Promise<Prediction[]> {
  const { artifact } = await session.client.registry.load(reference);
  await using predictor = await Predictor.open(artifact, {
    artifacts: session.artifacts,
    sessions: createSessionFactory('cpu'),
    workFolder: join(homeFolder(), 'work'),
    cacheFolder: join(homeFolder(), 'cache', 'models'),
  });
  // Awaited here: the predictor lives as long as this function.
  return await askers[predictor.task.prediction]({ predictor, reference, asked, options });
}

interface AskOptions {
  readonly maxNewTokens?: number | undefined;
  /** What the texts are questions about. */
  readonly context?: string | undefined;
}

interface Asking {
  readonly predictor: Predictor;
  readonly reference: string;
  readonly asked: readonly Asked[];
  readonly options: AskOptions;
}

/** By what the task makes of a text; one without an entry is a type error. */
const askers: { readonly [A in TaskDefinition['prediction']]: (asking: Asking) => Promise<Prediction[]> } = {
  classify: readingsOf,
  embed: embeddingsOf,
  tag: readingsOf,
  fill: readingsOf,
  find: answersOf,
  generate: completionsOf,
};

async function completionsOf({ predictor, reference, asked, options }: Asking): Promise<Prediction[]> {
  refuseContext(reference, options);
  const predictions: Prediction[] = [];
  for (const { text, messages } of asked) {
    const { maxNewTokens = DEFAULT_MAX_TOKENS } = options;
    const answer = await predictor.generate(messages ?? text, { maxNewTokens });
    const { text: completion, tokens, stopped } = answer;
    predictions.push({ text, completion, tokens, stopped });
  }
  return predictions;
}

const DEFAULT_MAX_TOKENS = 256;

async function answersOf({ predictor, reference, asked, options }: Asking): Promise<Prediction[]> {
  const { context, maxNewTokens } = options;
  if (maxNewTokens !== undefined || asked.some(({ messages }) => messages)) throw writesNothing(reference);
  if (context === undefined) {
    throw usageError(reference, 'this model finds answers in a text, and there is none', {
      hint: 'give it with --context or --context-file; the texts are the questions',
    });
  }
  const found = await predictor.find(asked.map(({ text }) => ({ question: text, context })));
  return found.map((reading, i) => ({ text: asked[i]!.text, ...reading }));
}

function refuseContext(reference: string, { context }: AskOptions): void {
  if (context !== undefined)
    throw usageError(reference, 'this model answers no questions about a text: it takes no --context');
}

const writesNothing = (reference: string) =>
  usageError(
    reference,
    'this model reads texts and writes none: it takes no --system, --messages or --max-tokens',
  );

async function readingsOf({ predictor, reference, asked, options }: Asking): Promise<Prediction[]> {
  if (options.maxNewTokens !== undefined || asked.some(({ messages }) => messages)) {
    throw writesNothing(reference);
  }
  refuseContext(reference, options);
  const answers = await predictor.classify(asked.map(({ text }) => text));
  return answers.map((reading, i) => ({ text: asked[i]!.text, ...reading }));
}

/** Of every text after the first, how alike it is to the first. */
async function embeddingsOf(asking: Asking): Promise<Prediction[]> {
  const [first, ...rest] = await readingsOf(asking);
  return first
    ? [first, ...rest.map((p) => ({ ...p, similarity: cosine(p.embedding!, first.embedding!) }))]
    : [];
}

function cosine(x: readonly number[], y: readonly number[]): number {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, n, i) => sum + n * b[i]!, 0);
  return dot(x, y) / Math.max(1e-12, Math.sqrt(dot(x, x)) * Math.sqrt(dot(y, y)));
}

const clipped = (words: string) =>
  (words.length > 70 ? `${words.slice(0, 69)}…` : words).replaceAll(/[\n\t]/g, ' ');
