import { parse, tokenize } from '@huggingface/jinja';
import { TemplateUnsupported } from './errors.js';
import { withoutRaw, withRaw } from './raw-blocks.js';
import { rewritten, type Token } from './tokens.js';

/** The nodes that @huggingface/jinja's parser makes; it has these types and does not export them. */
export type Node =
  | { type: 'Program'; body: Node[] }
  | { type: 'If'; test: Node; body: Node[]; alternate: Node[] }
  | { type: 'For'; loopvar: Target; iterable: Node; body: Node[]; defaultBlock: Node[] }
  | { type: 'Set'; assignee: Node; value: Node | null; body: Node[] }
  | { type: 'Macro'; name: Identifier; args: Parameter[]; body: Node[] }
  | { type: 'CallStatement'; call: Call; callerArgs: Parameter[] | null; body: Node[] }
  | { type: 'FilterStatement'; filter: Identifier | Call; body: Node[] }
  | { type: 'Break' | 'Continue' | 'Comment' }
  | { type: 'IntegerLiteral' | 'FloatLiteral'; value: number }
  | { type: 'StringLiteral'; value: string }
  | { type: 'ArrayLiteral'; value: Node[] }
  | { type: 'TupleLiteral'; value: Node[] }
  | { type: 'ObjectLiteral'; value: Map<Node, Node> }
  | Identifier
  | Call
  | Member
  | Slice
  | { type: 'UnaryExpression'; operator: { value: string }; argument: Node }
  | { type: 'BinaryExpression'; operator: { value: string }; left: Node; right: Node }
  | { type: 'FilterExpression'; operand: Node; filter: Identifier | Call }
  | { type: 'TestExpression'; operand: Node; negate: boolean; test: Identifier }
  | { type: 'SelectExpression'; lhs: Node; test: Node }
  | { type: 'Ternary'; condition: Node; trueExpr: Node; falseExpr: Node }
  | Keyword
  | { type: 'SpreadExpression' | 'KeywordSpreadExpression'; argument: Node };

export type NodeOf<T extends Node['type']> = Extract<Node, { type: T }>;
export interface Identifier {
  type: 'Identifier';
  value: string;
}
export interface Call {
  type: 'CallExpression';
  callee: Node;
  args: Node[];
}
export interface Member {
  type: 'MemberExpression';
  object: Node;
  property: Node;
  computed: boolean;
}
export interface Slice {
  type: 'SliceExpression';
  start?: Node;
  stop?: Node;
  step?: Node;
}
export interface Keyword {
  type: 'KeywordArgumentExpression';
  key: Identifier;
  value: Node;
}
export type Parameter = Identifier | Keyword;
export type Target = Identifier | { type: 'TupleLiteral'; value: Node[] };

/** The callee that a `{% generation %}` block becomes: transformers' extension makes a call block of it too. */
export const GENERATION = '_generation';

/** A template's nodes, under the settings that transformers renders with: trim_blocks and lstrip_blocks. */
export function parseTemplate(source: string): NodeOf<'Program'> {
  // As Jinja2's lexer does it.
  const { text: plain, raws } = withoutRaw(source.replace(/\r\n|\r/g, '\n'));
  const text = plain
    // The parser knows the block only as something to leave out.
    .replace(/\{%([-+]?)\s*generation\s*([-+]?)%\}/g, `{%$1 call ${GENERATION}() $2%}`)
    .replace(/\{%([-+]?)\s*endgeneration\s*([-+]?)%\}/g, '{%$1 endcall $2%}');
  try {
    const tokens = tokenize(text, { trim_blocks: true, lstrip_blocks: true });
    return parse(
      rewritten((tokens as Token[]).map((token) => withRaw(token, raws))),
    ) as unknown as NodeOf<'Program'>;
  } catch (cause) {
    throw new TemplateUnsupported((cause as Error).message, { cause });
  }
}
