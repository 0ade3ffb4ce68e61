"""The digits model in BentoML, with adaptive batching: DIGITS_MODEL=MODEL bentoml serve bento_digits:Digits"""

import os

import bentoml
import numpy as np
import onnxruntime


@bentoml.service(workers=1, traffic={"timeout": 60, "max_concurrency": 1024})
class Digits:
    def __init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        model = os.environ["DIGITS_MODEL"]
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    @bentoml.api(batchable=True, batch_dim=0, max_batch_size=32, max_latency_ms=10000)
    def predict(self, instances: np.ndarray) -> np.ndarray:
        images = instances.astype(np.float32).reshape(-1, 1, 28, 28)
        return self.session.run(["logits"], {"image": images})[0]
