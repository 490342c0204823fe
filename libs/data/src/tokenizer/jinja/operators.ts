import { TemplateRaised, TemplateUnsupported } from './errors.js';
import { percentFormat } from './formats.js';
import { added, concat, isText, raw, type Str } from './text.js';
import { contains } from './tests.js';
import {
  compare,
  equal,
  Float,
  isNumber,
  List,
  numeric,
  str,
  truthy,
  typeName,
  Undefined,
  type Value,
} from './values.js';

type Operator = (a: Value, b: Value) => Value;

const wrong = (operator: string, a: Value, b: Value): never => {
  if (a instanceof Undefined) a.raise();
  if (b instanceof Undefined) b.raise();
  throw new TemplateRaised(
    `unsupported operand type(s) for ${operator}: '${typeName(a)}' and '${typeName(b)}'`,
  );
};

/** Of numbers; a float if one of them is one. */
function arithmetic(operator: string, compute: (a: number, b: number) => number): Operator {
  return (a, b) => {
    if (!isNumber(a) || !isNumber(b)) return wrong(operator, a, b);
    const made = compute(numeric(a), numeric(b));
    if (a instanceof Float || b instanceof Float) return new Float(made);
    if (!Number.isSafeInteger(made)) throw new TemplateUnsupported('whole numbers beyond 2^53');
    return made;
  };
}

const divided =
  (operator: string, compute: Operator): Operator =>
  (a, b) => {
    if (isNumber(b) && isNumber(a) && numeric(b) === 0) throw new TemplateRaised('division by zero');
    return compute(a, b) ?? wrong(operator, a, b);
  };

const sum = arithmetic('+', (a, b) => a + b);
const product = arithmetic('*', (a, b) => a * b);
const modulo = divided(
  '%',
  arithmetic('%', (a, b) => a - b * Math.floor(a / b)),
);

const repeated = (text: Str, times: number) => {
  if (raw(text).length * times > 10_000_000) throw new TemplateRaised('a text is repeated too often');
  return concat(Array<Str>(Math.max(0, times)).fill(text));
};

const repeatedList = ({ items, tuple }: List, times: number) => {
  if (items.length * times > 1_000_000) throw new TemplateRaised('a list is repeated too often');
  return new List(Array<readonly Value[]>(Math.max(0, times)).fill(items).flat(), undefined, tuple);
};

const operators: Readonly<Record<string, Operator>> = {
  '==': equal,
  '!=': (a, b) => !equal(a, b),
  '<': (a, b) => compare(a, b) < 0,
  '<=': (a, b) => compare(a, b) <= 0,
  '>': (a, b) => compare(a, b) > 0,
  '>=': (a, b) => compare(a, b) >= 0,
  in: (a, b) => contains(b, a),
  'not in': (a, b) => !contains(b, a),
  '~': (a, b) => concat([str(a), str(b)]),
  '+': (a, b) => {
    if (isText(a) && isText(b)) return added(a, b);
    if (a instanceof List && b instanceof List && a.tuple === b.tuple) {
      return new List([...a.items, ...b.items], undefined, a.tuple);
    }
    return sum(a, b);
  },
  '-': arithmetic('-', (a, b) => a - b),
  '*': (a, b) => {
    if (isText(a) && typeof b === 'number') return repeated(a, b);
    if (isText(b) && typeof a === 'number') return repeated(b, a);
    if (a instanceof List && typeof b === 'number') return repeatedList(a, b);
    return b instanceof List && typeof a === 'number' ? repeatedList(b, a) : product(a, b);
  },
  '/': divided('/', (a, b) =>
    isNumber(a) && isNumber(b) ? new Float(numeric(a) / numeric(b)) : wrong('/', a, b),
  ),
  '//': divided(
    '//',
    arithmetic('//', (a, b) => Math.floor(a / b)),
  ),
  '%': (a, b) => (isText(a) ? percentFormat(a, b) : modulo(a, b)),
  '**': (a, b) => {
    const power = isNumber(b) && numeric(b) < 0 && isNumber(a) ? new Float(numeric(a)) : a;
    return arithmetic('**', (x, y) => x ** y)(power, b);
  },
};

export function binary(operator: string, left: Value, right: Value): Value {
  const apply = operators[operator];
  if (!apply) throw new TemplateUnsupported(`the operator ${operator}`);
  return apply(left, right);
}

export function unary(operator: string, value: Value): Value {
  if (operator === 'not') return !truthy(value);
  if (!isNumber(value)) return wrong(operator, value, value);
  const sign = operator === '-' ? -1 : 1;
  return value instanceof Float ? new Float(sign * value.value) : sign * numeric(value);
}
