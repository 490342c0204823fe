import { fromBinary } from '@bufbuild/protobuf';
import { nearest, TemperError } from '@temper/contracts';
import { ops, type OpName } from '../ops/index.js';
import { GraphBuilder } from './builder.js';
import {
  dataTypeOf,
  decodeAttributes,
  decodeTensor,
  decodeType,
  type RawAttribute,
} from './decode-values.js';
import { OPSET } from './encode.js';
import { definitionOf } from './infer.js';
import { rules, type RawNode, type RuleContext } from './old-opsets.js';
import {
  ModelProtoSchema,
  TensorProto_DataType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
} from './onnx_pb.js';
import { dataTypes, type DataType, type Graph, type Value } from './types.js';

/**
 * Reads an ONNX file whose operators are in the table, of any opset up to ours: what was said otherwise in older ones is brought into
 * today's form. Throws MODEL_CORRUPT where the bytes are not a model, OP_UNSUPPORTED naming operator and node where one is unknown or
 * newer than what is known, GRAPH_INVALID where the graph breaks a rule.
 */
export function decodeModel(bytes: Uint8Array): Graph {
  const { graph, opsets } = parse(bytes);
  const g = new GraphBuilder(graph.name);
  g.reserve(graph.node.flatMap((node) => [node.name, ...node.output]));
  const values = new Map<string, Value>();
  const weights = new Set(graph.initializer.map((tensor) => tensor.name));
  for (const input of graph.input)
    if (!weights.has(input.name)) values.set(input.name, g.input(input.name, ...decodeType(input)));
  for (const tensor of graph.initializer) {
    const { name, dtype, shape, data } = decodeTensor(tensor);
    values.set(name, g.initializer(name, dtype, shape, data));
  }
  for (const node of graph.node) readNode(g, node, values, opsets);
  for (const output of graph.output) g.output(lookUp(values, output.name), output.name);
  return g.build();
}

function readNode(
  g: GraphBuilder,
  node: NodeProto,
  values: Map<string, Value>,
  opsets: ReadonlyMap<string, number>,
): void {
  const outputs = node.output.slice(0, node.output.findLastIndex((name) => name !== '') + 1);
  if (outputs.length === 0 || ((node.input[0] ?? '') === '' && node.opType !== 'Constant'))
    throw new TemperError('MODEL_CORRUPT', {
      path: pathOf(node),
      message: 'a node without inputs or outputs',
    });
  const opset = opsets.get(domainOf(node)) ?? 1;
  const refuse: RuleContext['refuse'] = (message, details) => {
    throw new TemperError('OP_UNSUPPORTED', {
      path: pathOf(node),
      message: `not supported: ${message}`,
      ...details,
    });
  };
  checkKnown(node);
  const attributes = Object.entries(decodeAttributes(node)).filter(([name]) => name !== 'consumed_inputs');
  const raw: RawNode = {
    op: node.opType,
    inputs: node.input.map((name) => (name === '' ? undefined : lookUp(values, name, node))),
    attributes: Object.fromEntries(attributes),
    outputCount: outputs.length,
  };
  const form = rules[node.opType]?.(raw, { g, opset, refuse }) ?? raw;
  if (!('op' in form)) {
    values.set(outputs[0]!, form);
    return;
  }
  const made = g.restore({
    op: form.op as OpName,
    name: node.name,
    inputs: form.inputs,
    outputNames: outputs.map((name, i) => name || `${node.name}/unused.${i}`),
    attributes: ownAttributes(form),
  });
  outputs.forEach((name, i) => values.set(name, made[i]!));
}

const pathOf = (node: NodeProto) => `${node.opType} ${node.name}`;
const domainOf = ({ domain }: NodeProto) => (domain === 'ai.onnx' ? '' : domain);

/** Attributes as the operator declares them: element types by name. */
function ownAttributes({ op, attributes }: RawNode): Record<string, RawAttribute | DataType> {
  const kinds = definitionOf(op as OpName).attributes as Readonly<Record<string, string>>;
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      Object.hasOwn(kinds, name) && kinds[name]!.endsWith('dtype') ? elementType(value) : value,
    ]),
  );
}

function elementType(value: RawAttribute): DataType {
  if (dataTypes.includes(value as DataType)) return value as DataType;
  // Before opset 6 Cast wrote the name of the type.
  const code = typeof value === 'string' ? TensorProto_DataType[value as 'FLOAT'] : Number(value);
  return dataTypeOf(code);
}

function parse(bytes: Uint8Array): { graph: GraphProto; opsets: ReadonlyMap<string, number> } {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new TemperError('MODEL_CORRUPT', 'the bytes are not an ONNX model', { cause });
  }
  if (!model.graph) throw new TemperError('MODEL_CORRUPT', 'the ONNX model has no graph');
  const opsets = new Map(
    model.opsetImport.map(({ domain, version }) => [domain === 'ai.onnx' ? '' : domain, Number(version)]),
  );
  const opset = opsets.get('') ?? 1;
  if (opset <= OPSET) return { graph: model.graph, opsets };
  throw new TemperError('OP_UNSUPPORTED', {
    path: 'the ONNX model',
    message: 'its opset is newer than those that are known',
    found: `${opset}`,
    allowed: `1 to ${OPSET}`,
    hint: `export it with opset_version=${OPSET}, or convert it with onnx.version_converter`,
  });
}

function lookUp(values: ReadonlyMap<string, Value>, name: string, node?: NodeProto): Value {
  const value = values.get(name);
  if (!value)
    throw new TemperError('MODEL_CORRUPT', {
      path: node ? pathOf(node) : name,
      message: `${name} is used but never made`,
    });
  return value;
}

/** Operators that are read but leave no node of their own, and those that ai.onnx took over. */
const read = ['Constant', 'Dropout', 'Scatter', 'Gelu'];

function checkKnown(node: NodeProto): void {
  const domain = domainOf(node);
  const isOwn = node.opType in ops && definitionOf(node.opType as OpName).domain === domain;
  if (isOwn || (domain === '' && read.includes(node.opType))) return;
  const names = [...Object.keys(ops), ...read];
  const similar = nearest(node.opType, names);
  throw new TemperError('OP_UNSUPPORTED', {
    path: pathOf(node),
    message: `the operator ${domain ? `${domain}.` : ''}${node.opType} is not supported`,
    allowed: [...new Set(names)].sort().join(', '),
    hint: similar && `did you mean ${similar}?`,
  });
}
