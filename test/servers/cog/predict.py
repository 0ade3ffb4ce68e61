import os
import time
from typing import Iterator

import cog
from cog import BasePredictor, Input, Path
from PIL import Image


class Predictor(BasePredictor):
    def setup(self):
        time.sleep(1)
        if os.environ.get("FAIL_SETUP"):
            raise RuntimeError("the weights are missing")

    @cog.streaming
    def predict(
        self,
        text: str = Input(default=""),
        image: Path = Input(default=None),
        count: int = Input(default=2),
    ) -> Iterator[str]:
        if text == "fail":
            raise ValueError("asked to fail")
        yield f"{text} {Image.open(str(image)).size if image else 'no image'}"
        for n in range(count):
            time.sleep(0.1)
            yield f" {n}"
