"""Small models of old opsets, and what ONNX Runtime computes with them.   python make_old_opsets.py   (onnx 1.23, onnxruntime 1.30)

What ONNX Runtime has no kernel for any more (before opset 7) is computed with numpy."""
import base64
import json
import os

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T, helper as h

random = np.random.default_rng(0)
FLOAT = lambda *shape: random.standard_normal(shape).astype(np.float32)
X = FLOAT(2, 3, 4)
cases = []


def case(title, opset, nodes, inputs, outputs=1, weights=None, expected=None, symbolic=False):
    names = [f"y{i}" for i in range(outputs)]
    feeds = {f"x{i}": array for i, array in enumerate(inputs)}
    typed = [h.make_tensor_value_info(n, h.np_dtype_to_tensor_dtype(a.dtype), ["batch", *a.shape[1:]] if symbolic else a.shape) for n, a in feeds.items()]
    graph = h.make_graph(nodes, "old", typed, [onnx.ValueInfoProto(name=n) for n in names],
                         [onnx.numpy_helper.from_array(a, n) for n, a in (weights or {}).items()])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", opset)], ir_version=4 if opset < 9 else 8 if opset < 21 else 10)
    data = model.SerializeToString()
    found = expected or ort.InferenceSession(data, providers=["CPUExecutionProvider"]).run(names, feeds)
    # Outputs of a type, as every exporter writes them.
    for value, array in zip(model.graph.output, found):
        value.CopyFrom(h.make_tensor_value_info(value.name, h.np_dtype_to_tensor_dtype(array.dtype), None))
    shown = lambda a: dict(dtype=str(a.dtype), shape=list(a.shape), data=a.astype(np.float64).reshape(-1).tolist())
    cases.append(dict(title=f"{title} (opset {opset})", model=base64.b64encode(model.SerializeToString()).decode(),
                      inputs={n: shown(a) for n, a in feeds.items()}, outputs=[shown(a) for a in found]))


def one(op, opset, inputs=(X,), extra=(), outputs=1, title=None, weights=None, expected=None, symbolic=False, **attributes):
    names = [f"x{i}" for i in range(len(inputs))] + list(extra)
    node = h.make_node(op, names, [f"y{i}" for i in range(outputs)], name="node", **attributes)
    case(title or op, opset, [node], inputs, outputs, weights, expected, symbolic)


I = lambda *values: np.array(values, np.int64)
ROW = FLOAT(1, 3, 1)
one("Squeeze", 11, [ROW], axes=[0, -1])
one("Squeeze", 11, [ROW], title="Squeeze of all ones")
one("Squeeze", 13, [ROW], title="Squeeze of all ones")
one("Unsqueeze", 11, axes=[0, 3])
for op in ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceL2", "ReduceLogSumExp"]:
    one(op, 11, axes=[1, -1], keepdims=0)
    one(op, 11, title=f"{op} of all axes")
one("ReduceMean", 17, axes=[-1], keepdims=1)
one("ReduceSum", 13, title="ReduceSum of no axes", extra=["axes"], weights={"axes": I()}, noop_with_empty_axes=1)
one("ReduceSum", 13, title="ReduceSum with axes", extra=["axes"], weights={"axes": I(2)}, noop_with_empty_axes=1, keepdims=0)
one("Clip", 6, min=-0.5, max=0.5)
one("Clip", 6, title="Clip from above", max=0.25)
one("Clip", 6, title="Clip by nothing")
one("Dropout", 7, ratio=0.3)
one("Dropout", 12, title="Dropout", extra=["ratio"], weights={"ratio": np.float32(0.5)})
one("Dropout", 6, is_test=1, expected=[X])
for op in ["Softmax", "LogSoftmax"]:
    one(op, 11, title=f"{op} of the default axis")
    one(op, 11, title=f"{op} of all", axis=0)
    one(op, 11, title=f"{op} of the last axis", axis=2)
    one(op, 11, title=f"{op} of the default axis of a batch", symbolic=True)
    one(op, 13, title=f"{op} of a middle axis", axis=1)
one("Slice", 9, starts=[0, 1], ends=[2, 9223372036854775807])
one("Slice", 9, title="Slice of axes", starts=[1, -3], ends=[3, -1], axes=[1, 2])
one("Slice", 10, title="Slice without axes", extra=["from", "to"], weights={"from": I(1), "to": I(2)})
one("Slice", 13, title="Slice to the end of a batch", extra=["from", "to", "axes"], weights={"from": I(1), "to": I(2**63 - 1), "axes": I(0)}, symbolic=True)
one("Split", 11, outputs=2, axis=2, split=[1, 3])
one("Split", 11, title="Split into equal parts", outputs=2, axis=-1)
one("Split", 13, title="Split into equal parts", outputs=3, axis=1)
one("Split", 18, title="Split by a number of outputs", outputs=2, axis=2, num_outputs=2)
one("Pad", 10, pads=[0, 1, 0, 0, 0, 2])
one("Pad", 11, title="Pad by an input", extra=["pads", "zero"], weights={"pads": I(0, 1, 0, 0, 0, 2), "zero": np.float32(0)}, mode="constant")
one("Pad", 18, title="Pad of axes", extra=["pads", "zero", "axes"], weights={"pads": I(1, 2), "zero": np.float32(0), "axes": I(-1)})
one("Reshape", 4, title="Reshape by an attribute", shape=[2, -1], expected=[X.reshape(2, -1)])
one("Reshape", 14, extra=["shape"], weights={"shape": I(0, -1)}, allowzero=0)
one("Cast", 5, to="INT32", expected=[X.astype(np.int32)])
one("Cast", 19, to=T.INT32, saturate=1)
B = FLOAT(3)
one("Add", 6, [X, B], axis=1, broadcast=1, expected=[X + B[:, None]])
W = FLOAT(3, 4)
one("Mul", 6, [X, W], broadcast=1, expected=[X * W])
one("Sub", 6, [W, W * 2], expected=[-W])
one("Relu", 5, consumed_inputs=[0], expected=[np.maximum(X, 0)])
one("TopK", 9, outputs=2, k=2, axis=2)
one("TopK", 10, title="TopK by an input", outputs=2, extra=["k"], weights={"k": I(2)})
one("Transpose", 13, title="Transpose without a permutation")
one("Max", 13, [X, W, FLOAT(1)], title="Max of three")
one("Min", 8, [X], title="Min of one")
one("ArgMax", 12, axis=1, select_last_index=0)
one("Shape", 15, title="Shape of a part", start=1)
one("Shape", 13)
one("Pow", 13, [np.abs(X), np.array([2], np.int64)], title="Pow of another type")
one("Scatter", 9, [W, np.array([[1, 0, 2, 1]], np.int64), FLOAT(1, 4)], axis=0)
one("Gelu", 20)
one("Gelu", 20, title="Gelu approximated", approximate="tanh")
one("OneHot", 11, [I(1, 0, 2)], extra=["depth", "values"], weights={"depth": I(3), "values": np.array([0, 1], np.float32)}, axis=-1)
one("LayerNormalization", 17, [X, FLOAT(4)], axis=-1, stash_type=1)
constant = lambda **value: h.make_node("Constant", [], ["c"], name="constant", **value)
for name, value in dict(value=onnx.numpy_helper.from_array(W), value_float=2.5, value_floats=[1.0, 2.0, 3.0, 4.0]).items():
    case(f"Constant {name}", 13, [constant(**{name: value}), h.make_node("Mul", ["x0", "c"], ["y0"], name="node")], [X])
case("Constant value_ints", 13, [constant(value_ints=[2, 12]), h.make_node("Reshape", ["x0", "c"], ["y0"], name="node")], [X])
shape = h.make_node("Shape", ["x0"], ["s"], name="shape")
case("ConstantOfShape by default", 9, [shape, h.make_node("ConstantOfShape", ["s"], ["y0"], name="node")], [X])

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "old-opsets.json"), "w") as file:
    json.dump(cases, file, separators=(",", ":"))
    file.write("\n")
print(len(cases), "cases")
