"""The digits model in KServe's SDK server, which answers each request by itself: python kserve_digits.py MODEL --http_port=PORT"""

import sys

import numpy as np
import onnxruntime
from kserve import Model, ModelServer


class Digits(Model):
    def __init__(self, path):
        super().__init__("digits")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.ready = True

    def predict(self, payload, headers=None, response_headers=None):
        images = np.array(payload["instances"], dtype=np.float32).reshape(-1, 1, 28, 28)
        return {"predictions": self.session.run(["logits"], {"image": images})[0].tolist()}


if __name__ == "__main__":
    ModelServer(workers=1, enable_grpc=False).start([Digits(sys.argv[1])])
