import { readFile, writeFile } from 'node:fs/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProto_DataType } from '@temper/graph/onnx/onnx_pb';

/**
 * onnxruntime-node 1.30 returns every fetched output as a copy in a new ArrayBuffer, even one that it has just written into memory
 * that it was given. Fully fine-tuning MiniLM that is 360 MB a step and, through V8's external memory pressure, nine full garbage
 * collections: 40% of the step's processor time.
 *
 * Outputs are answered in the order of the graph, after all have been written, and one that is no tensor makes the answering fail. So
 * a graph gets a sequence as its first output; fetching it ends a run before anything is copied.
 */
export const UNCOPIED = 'temper/uncopied';

/** Whether a run ended as `UNCOPIED` makes it: everything is written, nothing answered. */
export const isUncopied = (cause: unknown): boolean =>
  cause instanceof Error && cause.message.startsWith('Non tensor type is temporarily not supported');

/** A copy of the model file, in its folder, with that output; returns its path. */
export async function withUncopied(modelFile: string): Promise<string> {
  const target = modelFile.replace(/(\.onnx)?$/, '.uncopied.onnx');
  // Protocol buffers that follow each other are merged: repeated fields are appended, so these come first.
  await writeFile(target, Buffer.concat([addition, await readFile(modelFile)]));
  return target;
}

const elements = `${UNCOPIED}.elements`;
const elemType = TensorProto_DataType.FLOAT;
const addition = toBinary(
  ModelProtoSchema,
  create(ModelProtoSchema, {
    graph: {
      initializer: [{ name: elements, dataType: elemType, dims: [1n], floatData: [0] }],
      node: [{ name: UNCOPIED, opType: 'SequenceConstruct', input: [elements], output: [UNCOPIED] }],
      output: [
        {
          name: UNCOPIED,
          type: {
            value: {
              case: 'sequenceType',
              value: { elemType: { value: { case: 'tensorType', value: { elemType } } } },
            },
          },
        },
      ],
    },
  }),
);
