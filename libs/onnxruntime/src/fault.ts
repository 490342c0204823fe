import { TemperError } from '@temper/contracts';
import { decodeModel, type Graph, type Node } from '@temper/graph';
import { excerpt } from '@temper/graph/onnx/excerpt';
import { readFile, stat } from 'node:fs/promises';

/** What an error of ONNX Runtime blames. */
export interface Fault {
  readonly kind: 'node' | 'value' | 'input';
  readonly name: string;
  /** `sum (Add)`, or the name of a value. */
  readonly path: string;
}

/** The ways in which ONNX Runtime 1.30 names a node in its messages. */
const nodePatterns = [
  /while running (?<op>\w+) node\. Name:'(?<name>[^']*)'/,
  /Node \((?<name>[^)]*)\) Op \((?<op>\w+)\)/,
  /implementation for (?<op>\w+)\(\d+\) node with name '(?<name>[^']*)'/,
  /In Node, \("(?<name>[^"]*)", (?<op>\w+),/,
  /Optype \((?<op>\w+)\) .*in node \((?<name>[^)]*)\)/,
  /(?:in|of) node \((?<name>[^)]*)\)/,
];
const valuePattern = /Node input '(?<name>[^']*)' is not a graph input/;
const inputPattern = /for input: (?<name>\S+)/;

export function faultIn(text: string): Fault | undefined {
  for (const pattern of nodePatterns) {
    const found = pattern.exec(text)?.groups;
    if (found) return { kind: 'node', name: found['name']!, path: pathOf(found['name']!, found['op']) };
  }
  const input = inputPattern.exec(text)?.groups?.['name'];
  if (input !== undefined) return { kind: 'input', name: input, path: input };
  const value = valuePattern.exec(text)?.groups?.['name'];
  return value === undefined ? undefined : { kind: 'value', name: value, path: value };
}

const pathOf = (name: string, op: string | undefined) => (op === undefined ? name : `${name} (${op})`);

/** Graphs keep their weights outside; one that is larger than this is not read for the sake of an error's text. */
const MOST_BYTES = 64 << 20;

/** A few lines of the graph around the fault; undefined where it cannot be found. What our own reader finds wrong goes first. */
export async function surroundings(modelFile: string, fault: Fault | undefined): Promise<string | undefined> {
  if (!fault) return undefined;
  try {
    if ((await stat(modelFile)).size > MOST_BYTES) return undefined;
    const graph = decodeModel(await readFile(modelFile));
    const node = nodeOf(graph, fault);
    return node && excerpt(graph, node);
  } catch (error) {
    if (error instanceof TemperError && error.code === 'GRAPH_INVALID') return error.problems[0]?.hint;
    return undefined; // the text is worth less than the error it belongs to
  }
}

/** By its name, or by that of what it makes; a kernel made of several nodes is named after one of them. */
function nodeOf({ nodes }: Graph, { kind, name }: Fault): Node | undefined {
  if (kind !== 'node') return nodes.find((node) => node.inputs.some((input) => input?.name === name));
  const exact = nodes.find((it) => it.name === name || it.outputs.some((output) => output.name === name));
  if (exact) return exact;
  const within = nodes.filter((node) => name.startsWith(node.name));
  return within.sort((a, b) => b.name.length - a.name.length)[0];
}
