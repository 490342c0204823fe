import type { Call, Identifier, Keyword, Member, Node, Slice } from './ast.js';
import { attribute, item, sliced } from './attributes.js';
import { TemplateRaised, TemplateUnsupported } from './errors.js';
import { applyFilter } from './filters.js';
import { binary, unary } from './operators.js';
import type { Run, Scope } from './scope.js';
import { applyTest } from './tests.js';
import { TEST, TUPLE } from './tokens.js';
import { isText, raw, Text } from './text.js';
import {
  Callable,
  Dict,
  Float,
  iterate,
  keyOf,
  List,
  truthy,
  tupleOf,
  typeName,
  Undefined,
  type Key,
  type Value,
} from './values.js';

/** The value of an expression. */
export function evaluate(node: Node, scope: Scope, run: Run): Value {
  run.step();
  switch (node.type) {
    case 'StringLiteral':
    case 'IntegerLiteral':
      return node.value;
    case 'FloatLiteral':
      return new Float(node.value);
    case 'ArrayLiteral':
      return new List(node.value.map((entry) => evaluate(entry, scope, run)));
    case 'TupleLiteral':
      return tupleOf(node.value.map((entry) => evaluate(entry, scope, run)));
    case 'ObjectLiteral':
      return dictOf(node.value, scope, run);
    case 'Identifier':
      return variable(node.value, scope);
    case 'MemberExpression':
      return member(node, scope, run);
    case 'CallExpression':
      return called(node, scope, run);
    default:
      return operation(node, scope, run);
  }
}

/** The value of an expression that an operator, a filter, a test or a condition makes of others. */
function operation(node: Node, scope: Scope, run: Run): Value {
  switch (node.type) {
    case 'UnaryExpression':
      return unary(node.operator.value, evaluate(node.argument, scope, run));
    case 'BinaryExpression':
      return binaryOf(node, scope, run);
    case 'FilterExpression':
      return filtered(node.filter, evaluate(node.operand, scope, run), scope, run);
    case 'TestExpression': {
      const result = applyTest(node.test.value, evaluate(node.operand, scope, run), []);
      return node.negate ? !result : result;
    }
    case 'Ternary':
      return evaluate(
        truthy(evaluate(node.condition, scope, run)) ? node.trueExpr : node.falseExpr,
        scope,
        run,
      );
    case 'SelectExpression':
      return truthy(evaluate(node.test, scope, run))
        ? evaluate(node.lhs, scope, run)
        : new Undefined('the expression behind a false `if` without `else`');
    default:
      throw new TemplateUnsupported(`${node.type} in an expression`);
  }
}

function binaryOf(node: Extract<Node, { type: 'BinaryExpression' }>, scope: Scope, run: Run): Value {
  const left = evaluate(node.left, scope, run);
  const operator = node.operator.value;
  // Python's: the deciding operand itself, and the second one only where it decides.
  if (operator === 'and') return truthy(left) ? evaluate(node.right, scope, run) : left;
  if (operator === 'or') return truthy(left) ? left : evaluate(node.right, scope, run);
  const right = evaluate(node.right, scope, run);
  const made = joins.has(operator)
    ? binary(operator, written(left, run), written(right, run))
    : binary(operator, left, right);
  if (isText(made)) run.made(raw(made).length - (operator === '%' ? 0 : longest(left, right)));
  return made;
}

const joins = new Set(['+', '~']);

const written = (value: Value, { turn }: Run): Value =>
  turn && isText(value) ? Text.written(value, turn) : value;

/** The longer of two texts: one that is prolonged is not written again. */
const longest = (...values: Value[]): number =>
  Math.max(...values.map((value) => (isText(value) ? raw(value).length : 0)));

const constants: Readonly<Record<string, Value>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};

const variable = (name: string, scope: Scope): Value =>
  Object.hasOwn(constants, name) ? constants[name]! : scope.get(name);

function dictOf(entries: Map<Node, Node>, scope: Scope, run: Run): Dict {
  const made = new Map<Key, Value>();
  for (const [keyNode, valueNode] of entries) {
    made.set(keyOf(evaluate(keyNode, scope, run)), evaluate(valueNode, scope, run));
  }
  return new Dict(made);
}

function member({ object, property, computed }: Member, scope: Scope, run: Run): Value {
  const value = evaluate(object, scope, run);
  if (!computed) {
    return property.type === 'Identifier'
      ? attribute(value, property.value)
      : item(value, evaluate(property, scope, run));
  }
  if (property.type !== 'SliceExpression') return item(value, evaluate(property, scope, run));
  const bound = (node: Node | undefined) => node && evaluate(node, scope, run);
  const { start, stop, step }: Slice = property;
  return sliced(value, [bound(start), bound(stop), bound(step)]);
}

export interface CallArguments {
  readonly args: Value[];
  readonly keywords: Map<string, Value>;
}

export function argumentsOf(nodes: readonly Node[], scope: Scope, run: Run): CallArguments {
  const args: Value[] = [];
  const keywords = new Map<string, Value>();
  for (const node of nodes) {
    if (node.type === 'KeywordArgumentExpression') {
      const { key, value }: Keyword = node;
      keywords.set(key.value, evaluate(value, scope, run));
    } else if (node.type === 'SpreadExpression') args.push(...iterate(evaluate(node.argument, scope, run)));
    else if (node.type === 'KeywordSpreadExpression') {
      const given = evaluate(node.argument, scope, run);
      if (!(given instanceof Dict)) throw new TemplateRaised(`argument after ** must be a mapping`);
      for (const [key, value] of given.entries) keywords.set(String(key), value);
    } else args.push(evaluate(node, scope, run));
  }
  return { args, keywords };
}

function called(node: Call, scope: Scope, run: Run): Value {
  if (node.callee.type === 'Identifier' && node.callee.value === TUPLE) {
    return tupleOf(argumentsOf(node.args, scope, run).args);
  }
  const callee = evaluate(node.callee, scope, run);
  const { args, keywords } = argumentsOf(node.args, scope, run);
  return call(callee, args, keywords);
}

export function call(callee: Value, args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value {
  if (callee instanceof Undefined) return callee.raise();
  if (callee instanceof Callable) return callee.call(args, keywords);
  throw new TemplateRaised(`'${typeName(callee)}' object is not callable`);
}

export function filtered(filter: Identifier | Call, value: Value, scope: Scope, run: Run): Value {
  if (filter.type === 'Identifier') return applyFilter(filter.value, value, [], new Map());
  const { args, keywords } = argumentsOf(filter.args, scope, run);
  const name = (filter.callee as Identifier).value;
  if (name.startsWith(TEST)) {
    const [, not, test = ''] = /^is (not )?(.*)$/.exec(name) ?? [];
    return applyTest(test, value, args) !== Boolean(not);
  }
  return applyFilter(name, value, args, keywords);
}
