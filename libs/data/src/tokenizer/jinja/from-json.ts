import { jsonTokens, type JsonToken } from '@temper/contracts';
import type { Leaf } from './span.js';
import { tagged } from './text.js';
import { Dict, Float, List, type Value } from './values.js';

/**
 * JSON text as Python's json.loads() reads it, for templates that write it again: 1.0 is a float and stays one, whole
 * numbers have any size. Everything in it comes from `leaf`. @throws SyntaxError
 */
export function valueOfJson(text: string, leaf: Leaf): Value {
  const next = tokens(text);
  return value(next(), next, leaf);
}

/** An object; what a field holds comes from its own leaf, or from nowhere, and what a list in it holds from that with a number. */
export function fieldsOfJson(text: string, leafOf: (field: string) => Leaf | undefined): Map<string, Value> {
  const next = tokens(text);
  next();
  return entries(next, leafOf, true);
}

type Next = () => string;

function tokens(text: string): Next {
  // What follows takes for granted that it is JSON.
  JSON.parse(text);
  const found = jsonTokens(text);
  return () => (found.next().value as JsonToken).token;
}

function value(first: string, next: Next, leaf: Leaf | undefined, numbered = false): Value {
  if (first === '[') return new List(items(next, leaf, numbered), leaf);
  if (first === '{')
    return new Dict(
      entries(next, () => leaf),
      leaf,
    );
  return first.startsWith('"') ? tagged(JSON.parse(first) as string, leaf) : scalar(first);
}

function items(next: Next, leaf: Leaf | undefined, numbered: boolean): Value[] {
  const found: Value[] = [];
  for (let at = next(); at !== ']'; at = next()) {
    if (at === ',') continue;
    found.push(value(at, next, leaf && numbered ? { ...leaf, item: found.length } : leaf));
  }
  return found;
}

function entries(
  next: Next,
  leafOf: (key: string) => Leaf | undefined,
  numbered = false,
): Map<string, Value> {
  const found = new Map<string, Value>();
  for (let at = next(); at !== '}'; at = next()) {
    if (at === ',') continue;
    const key = JSON.parse(at) as string;
    next();
    found.set(key, value(next(), next, leafOf(key), numbered));
  }
  return found;
}

function scalar(text: string): Value {
  const words: Readonly<Record<string, Value>> = { true: true, false: false, null: null };
  if (Object.hasOwn(words, text)) return words[text]!;
  if (!/^-?\d+$/.test(text)) return new Float(Number(text));
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
