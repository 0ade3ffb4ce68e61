import io
import logging

import numpy as np
import onnxruntime
from flask import abort
from maxfw.model import MAXModelWrapper
from PIL import Image

from config import LABELS, MODEL_META_DATA, MODEL_PATH

logger = logging.getLogger()

SIDE = 28
BOX = 20
FAINT = 40


class ModelWrapper(MAXModelWrapper):
    MODEL_META_DATA = MODEL_META_DATA

    def __init__(self, path=MODEL_PATH):
        logger.info("Loading model from: %s", path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        logger.info("Loaded model")

    def read_image(self, data):
        """Decode an image file to grey, transparent parts white, or black where the digit itself is white"""
        try:
            image = Image.open(io.BytesIO(data)).convert("RGBA")
        except (OSError, ValueError, Image.DecompressionBombError):
            abort(400, "The provided input is not a valid image")
        for colour in ("white", "black"):
            background = Image.new("RGBA", image.size, colour)
            grey = Image.alpha_composite(background, image).convert("L")
            darkest, lightest = grey.getextrema()
            if lightest - darkest >= FAINT:
                break
        return grey

    def _pre_process(self, image):
        """Crop the digit, fit it to 20 x 20 and centre it by its mass in 28 x 28, as MNIST was made"""
        grey = np.asarray(image, dtype=np.float32)
        border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        ink = np.abs(grey - np.median(border))
        if ink.max() < FAINT:
            abort(400, "The provided image shows no digit")
        ink *= 255 / ink.max()
        rows, columns = np.where(ink > FAINT)
        box = Image.fromarray(ink.astype(np.uint8)).crop(
            (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        )
        scale = BOX / max(box.size)
        size = [max(1, round(length * scale)) for length in box.size]
        digit = np.asarray(box.resize(size, Image.BICUBIC), dtype=np.float32) / 255
        top, left = (self._offset(digit, axis) for axis in (0, 1))
        canvas = np.zeros((SIDE, SIDE), dtype=np.float32)
        canvas[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
        return canvas[np.newaxis, np.newaxis]

    @staticmethod
    def _offset(digit, axis):
        mass = digit.sum(axis=1 - axis)
        centre = (mass * (np.arange(len(mass)) + 0.5)).sum() / mass.sum()
        return int(np.clip(round(SIDE / 2 - centre), 0, SIDE - len(mass)))

    def _predict(self, image):
        return self.session.run(["logits"], {"image": image})[0][0]

    def _post_process(self, logits):
        exponentials = np.exp(logits - logits.max())
        probabilities = exponentials / exponentials.sum()
        return [
            {"label_id": str(digit), "label": LABELS[digit], "probability": float(probabilities[digit])}
            for digit in np.argsort(-probabilities)
        ]
