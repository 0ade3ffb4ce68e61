import argparse
import os

import joblib
from kserve import Model, ModelServer, model_server


class Iris(Model):
    def __init__(self, name, folder):
        super().__init__(name)
        self.folder = folder

    def load(self):
        self.model = joblib.load(os.path.join(self.folder, "model.joblib"))
        self.ready = True
        return True

    def predict(self, payload, headers=None, response_headers=None):
        return {"predictions": self.model.predict(payload["instances"]).tolist()}


parser = argparse.ArgumentParser(parents=[model_server.parser])
parser.add_argument("--model_dir", default="/mnt/models")
arguments, _ = parser.parse_known_args()
if __name__ == "__main__":
    iris = Iris(arguments.model_name, arguments.model_dir)
    iris.load()
    ModelServer().start([iris])
