import { GENERATION, parseTemplate, type Node, type NodeOf, type Parameter, type Target } from './ast.js';
import { TemplateRaised, TemplateUnsupported } from './errors.js';
import { argumentsOf, call, evaluate, filtered } from './evaluate.js';
import { Loop } from './loop.js';
import { Output } from './output.js';
import { Run, Scope } from './scope.js';
import type { Str } from './text.js';
import { WITH } from './tokens.js';
import {
  Callable,
  Dict,
  iterate,
  List,
  Namespace,
  str,
  truthy,
  typeName,
  Undefined,
  type Arguments,
  type Keywords,
  type Value,
} from './values.js';

const parsed = new Map<string, NodeOf<'Program'>>();

/** The template's nodes, kept for the next conversation. @throws TemplateUnsupported */
function programOf(source: string): NodeOf<'Program'> {
  const known = parsed.get(source) ?? parseTemplate(source);
  parsed.set(source, known);
  return known;
}

/** What Jinja2, set up as transformers does it, makes of a template; the text knows where its parts come from. */
export function render(source: string, variables: ReadonlyMap<string, Value>): Str {
  const scope = new Scope();
  for (const [name, value] of variables) scope.set(name, value);
  return block(programOf(source).body, new Scope(scope), new Run());
}

class Break {}
class Continue {}

function block(nodes: readonly Node[], scope: Scope, run: Run): Str {
  const output = new Output(run);
  write(nodes, scope, run, output);
  return output.text();
}

function write(nodes: readonly Node[], scope: Scope, run: Run, output: Output): void {
  for (const node of nodes) statement(node, scope, run, output);
}

function statement(node: Node, scope: Scope, run: Run, output: Output): void {
  run.step();
  switch (node.type) {
    case 'Comment':
      return;
    case 'If':
      return write(truthy(evaluate(node.test, scope, run)) ? node.body : node.alternate, scope, run, output);
    case 'For':
      return loop(node, scope, run, output);
    case 'Set':
      return assign(node, scope, run);
    case 'Macro':
      return scope.set(node.name.value, macro(node.args, node.body, scope, run));
    case 'CallStatement':
      return output.write(callBlock(node, scope, run));
    case 'FilterStatement':
      return output.write(str(filtered(node.filter, block(node.body, new Scope(scope), run), scope, run)));
    case 'Break':
      throw new Break();
    case 'Continue':
      throw new Continue();
    default:
      return output.write(str(evaluate(node, scope, run)));
  }
}

function loop(node: NodeOf<'For'>, scope: Scope, run: Run, output: Output): void {
  const { iterable } = node;
  const test = iterable.type === 'SelectExpression' ? iterable.test : undefined;
  const all = iterate(evaluate(iterable.type === 'SelectExpression' ? iterable.lhs : iterable, scope, run));
  const items = test
    ? all.filter((item) => {
        run.step();
        const pass = new Scope(scope);
        unpack(node.loopvar, item, pass);
        return truthy(evaluate(test, pass, run));
      })
    : all;
  if (!items.length) return write(node.defaultBlock, new Scope(scope), run, output);
  const outer = run.turn;
  const state = new Loop(items);
  try {
    for (const [i, item] of items.entries()) {
      run.step();
      run.turn = { message: item instanceof Dict ? item.message : undefined, parent: outer };
      const pass = new Scope(scope);
      state.at = i;
      pass.set('loop', state);
      unpack(node.loopvar, item, pass);
      try {
        write(node.body, pass, run, output);
      } catch (signal) {
        if (signal instanceof Break) break;
        if (!(signal instanceof Continue)) throw signal;
      }
    }
  } finally {
    run.turn = outer;
  }
}

function unpack(target: Target, value: Value, scope: Scope): void {
  if (target.type === 'Identifier') return scope.set(target.value, value);
  const items = iterate(value);
  if (items.length !== target.value.length) {
    throw new TemplateRaised(`expected ${target.value.length} values to unpack, got ${items.length}`);
  }
  target.value.forEach((part, i) => unpack(part as Target, items[i]!, scope));
}

function assign({ assignee, value, body }: NodeOf<'Set'>, scope: Scope, run: Run): void {
  const made = value ? evaluate(value, scope, run) : block(body, new Scope(scope), run);
  if (assignee.type === 'Identifier' || assignee.type === 'TupleLiteral')
    return unpack(assignee, made, scope);
  if (assignee.type !== 'MemberExpression' || assignee.property.type !== 'Identifier') {
    throw new TemplateUnsupported(`{% set %} of ${assignee.type}`);
  }
  const object = evaluate(assignee.object, scope, run);
  if (!(object instanceof Namespace)) {
    throw new TemplateRaised(`cannot assign attribute on a ${typeName(object)}`);
  }
  object.attributes.set(assignee.property.value, made);
}

function macro(parameters: readonly Parameter[], body: readonly Node[], scope: Scope, run: Run): Callable {
  return new Callable((args, keywords) =>
    block(body, bound(parameters, { args, keywords }, scope, run), run),
  );
}

function bound(
  parameters: readonly Parameter[],
  { args, keywords }: { args: Arguments; keywords: Keywords },
  scope: Scope,
  run: Run,
): Scope {
  const inner = new Scope(scope);
  const rest = new Map(keywords);
  for (const [i, parameter] of parameters.entries()) {
    const name = parameter.type === 'Identifier' ? parameter.value : parameter.key.value;
    const given = args[i] ?? rest.get(name);
    if (i >= args.length) rest.delete(name);
    const otherwise = () =>
      parameter.type === 'Identifier'
        ? new Undefined(`parameter '${name}'`)
        : evaluate(parameter.value, inner, run);
    inner.set(name, given ?? (i < args.length || keywords.has(name) ? null : otherwise()));
  }
  const caller = rest.get('caller');
  rest.delete('caller');
  if (caller !== undefined) inner.set('caller', caller);
  inner.set('varargs', new List(args.slice(parameters.length), undefined, true));
  inner.set('kwargs', new Dict(rest));
  return inner;
}

function callBlock(node: NodeOf<'CallStatement'>, scope: Scope, run: Run): Str {
  const { callee, args: nodes } = node.call;
  if (callee.type === 'Identifier' && callee.value === GENERATION) {
    const output = new Output(run, {});
    write(node.body, new Scope(scope), run, output);
    return output.text();
  }
  if (callee.type === 'Identifier' && callee.value === WITH) return block(node.body, new Scope(scope), run);
  const caller = macro(node.callerArgs ?? [], node.body, scope, run);
  const { args, keywords } = argumentsOf(nodes, scope, run);
  return str(call(evaluate(callee, scope, run), args, keywords.set('caller', caller)));
}
