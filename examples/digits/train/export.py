"""Writes the trained weights as an ONNX graph: (n, 1, 28, 28) ink from 0 to 1 → (n, 10) logits."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def write_onnx(weights, pool_after, path):
    nodes, initializers, values = [], [], "image"

    def constant(name, array):
        initializers.append(numpy_helper.from_array(np.asarray(array, np.float32), name))
        return name

    for index, (kernel, bias) in enumerate(weights["convolutions"]):
        inputs = [values, constant(f"kernel{index}", kernel), constant(f"bias{index}", bias)]
        nodes.append(helper.make_node("Conv", inputs, [f"conv{index}"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Relu", [f"conv{index}"], [f"relu{index}"]))
        values = f"relu{index}"
        if index in pool_after:
            nodes.append(helper.make_node("MaxPool", [values], [f"pool{index}"], kernel_shape=[2, 2], strides=[2, 2]))
            values = f"pool{index}"

    kernel, bias = weights["dense"]
    nodes.append(helper.make_node("Flatten", [values], ["flat"]))
    nodes.append(helper.make_node("Gemm", ["flat", constant("kernel", kernel), constant("bias", bias)], ["logits"]))

    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, 28, 28])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 10])],
        initializers,
    )
    model = helper.make_model(graph, producer_name="modelwhisk", opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
