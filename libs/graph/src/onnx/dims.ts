/**
 * Arithmetic on dimensions. A symbolic dimension is a polynomial with integer coefficients, written canonically
 * (`batch*sequence`, `8*counted`, `sequence+16`), so that equal dimensions are equal strings.
 */
import { TemperError } from '@temper/contracts';
import type { Dim, Shape } from './types.js';

/** monomial (`batch*sequence`, '' for the constant) → coefficient ≠ 0 */
type Polynomial = Map<string, number>;

/** Dimensions of models have a few. */
const MOST_TERMS = 1000;

const factorsOf = (monomial: string) => (monomial === '' ? [] : monomial.split('*'));
const multiplyMonomials = (a: string, b: string) => [...factorsOf(a), ...factorsOf(b)].sort().join('*');

function parse(dim: Dim): Polynomial {
  const result: Polynomial = new Map();
  if (typeof dim === 'number') {
    if (dim !== 0) result.set('', dim);
    return result;
  }
  for (const [, sign, term] of dim.matchAll(/([+-]?)([^+-]+)/g)) {
    let coefficient = sign === '-' ? -1 : 1;
    const symbols: string[] = [];
    for (const factor of term!.split('*')) {
      if (/^\d+$/.test(factor)) coefficient *= Number(factor);
      else symbols.push(factor);
    }
    addTerm(result, symbols.sort().join('*'), coefficient);
  }
  return result;
}

function addTerm(polynomial: Polynomial, monomial: string, coefficient: number): void {
  const sum = (polynomial.get(monomial) ?? 0) + coefficient;
  if (sum === 0) polynomial.delete(monomial);
  else polynomial.set(monomial, sum);
}

const degreeThenName = (a: string, b: string) =>
  factorsOf(b).length - factorsOf(a).length || (a < b ? -1 : a > b ? 1 : 0);

function format(polynomial: Polynomial): Dim {
  const monomials = [...polynomial.keys()].sort(degreeThenName);
  if (monomials.length === 0) return 0;
  if (monomials.length === 1 && monomials[0] === '') return polynomial.get('')!;
  return monomials
    .map((monomial, i) => {
      const coefficient = polynomial.get(monomial)!;
      const size = Math.abs(coefficient);
      const text = monomial === '' ? `${size}` : size === 1 ? monomial : `${size}*${monomial}`;
      return (coefficient < 0 ? '-' : i > 0 ? '+' : '') + text;
    })
    .join('');
}

function multiply(a: Polynomial, b: Polynomial): Polynomial {
  if (a.size * b.size > MOST_TERMS)
    throw new TemperError('GRAPH_INVALID', {
      path: 'a dimension',
      message: 'is a product of too many sums',
      found: `${format(a)} · ${format(b)}`.slice(0, 200),
    });
  const result: Polynomial = new Map();
  for (const [m, x] of a) for (const [n, y] of b) addTerm(result, multiplyMonomials(m, n), x * y);
  return result;
}

/** The canonical writing of a dimension. */
export const normalizeDim = (dim: Dim): Dim => (typeof dim === 'number' ? dim : format(parse(dim)));

export function dimProduct(dims: Shape): Dim {
  if (dims.every((d) => typeof d === 'number')) return dims.reduce((a: number, b) => a * (b as number), 1);
  return format(dims.map(parse).reduce(multiply, new Map([['', 1]])));
}

export function dimSum(...dims: Dim[]): Dim {
  const result: Polynomial = new Map();
  for (const dim of dims) for (const [monomial, x] of parse(dim)) addTerm(result, monomial, x);
  return format(result);
}

/** monomial ÷ monomial, or undefined where it does not divide. */
function divideMonomials(a: string, b: string): string | undefined {
  const rest = factorsOf(a);
  for (const factor of factorsOf(b)) {
    const at = rest.indexOf(factor);
    if (at < 0) return undefined;
    rest.splice(at, 1);
  }
  return rest.join('*');
}

/** total ÷ part by polynomial long division; undefined where it is not exact for every value of the symbols. */
export function dimQuotient(total: Dim, part: Dim): Dim | undefined {
  const divisor = parse(part);
  if (divisor.size === 0) return undefined;
  const lead = [...divisor.keys()].sort(degreeThenName)[0]!;
  const quotient: Polynomial = new Map();
  const rest = parse(total);
  while (rest.size > 0) {
    const top = [...rest.keys()].sort(degreeThenName)[0]!;
    const monomial = divideMonomials(top, lead);
    const coefficient = rest.get(top)! / divisor.get(lead)!;
    if (monomial === undefined || !Number.isInteger(coefficient)) return undefined;
    addTerm(quotient, monomial, coefficient);
    for (const [m, x] of divisor) addTerm(rest, multiplyMonomials(m, monomial), -x * coefficient);
  }
  return format(quotient);
}

/** The number that a dimension is where its symbols are known; undefined where one is not. */
export function dimValue(dim: Dim, symbols: Readonly<Record<string, number>>): number | undefined {
  let sum = 0;
  for (const [monomial, coefficient] of parse(dim)) {
    let term = coefficient;
    for (const symbol of factorsOf(monomial)) {
      const value = symbols[symbol];
      if (value === undefined) return undefined;
      term *= value;
    }
    sum += term;
  }
  return sum;
}

/** A length is a number that is counted exactly, or a symbol's. */
export const isDim = (dim: Dim): boolean =>
  typeof dim === 'string' || (Number.isSafeInteger(dim) && dim >= 0);

export const isNumeric = (shape: Shape): shape is readonly number[] =>
  shape.every((dim) => typeof dim === 'number');

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i]);

/** numpy's rule; a symbol is taken to differ from 1. Undefined where the shapes do not fit. */
export function broadcastShapes(a: Shape, b: Shape): Dim[] | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    result.push(x === 1 ? y : x);
  }
  return result;
}

/** −1 is the last axis. */
export const normalizeAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** `[batch, sequence, 64]` */
export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`;
