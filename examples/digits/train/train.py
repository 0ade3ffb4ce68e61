"""Trains the digit network and writes it as ONNX.

    python -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python train.py [--data FOLDER] [--output FILE] [--epochs N]

The last 1,000 digits of the data are held out: they are never trained on and choose nothing, they are only
counted after each epoch and at the end. holdout.ts reads the same split.
"""

import argparse
import gzip
import time
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
from export import write_onnx
from jax.scipy.ndimage import map_coordinates

HOLDOUT = 1_000
SEED = 20_261_121
BATCH = 128
# Two 3x3 convolutions before each of two poolings, one after, then the mean over space and a linear layer.
CHANNELS = ((1, 16), (16, 16), (16, 32), (32, 32), (32, 64), (64, 64))
POOL_AFTER = (1, 3)

here = Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=here.parents[3] / "shared" / "data" / "mnist-train")
    parser.add_argument("--output", type=Path, default=here.parent / "model.onnx")
    parser.add_argument("--epochs", type=int, default=60)
    options = parser.parse_args()

    images, labels = read_digits(options.data)
    split = len(images) - HOLDOUT
    weights = train(images[:split], labels[:split], options.epochs, lambda w: accuracy(w, images[split:], labels[split:]))
    write_onnx(weights, POOL_AFTER, options.output)
    print(f"held-out accuracy {accuracy(weights, images[split:], labels[split:]):.4f}, {options.output}")


def read_digits(folder):
    """Images as floats from 0 (paper) to 1 (ink), shape (n, 28, 28), and their labels."""
    images = np.frombuffer(gzip.open(folder / "images.idx3-ubyte.gz").read(), np.uint8, offset=16)
    labels = np.frombuffer(gzip.open(folder / "labels.idx1-ubyte.gz").read(), np.uint8, offset=8)
    return (images.reshape(-1, 28, 28) / np.float32(255)), labels.astype(np.int32)


def train(images, labels, epochs, measure):
    steps = len(images) // BATCH
    optimizer = optax.adamw(optax.warmup_cosine_decay_schedule(0, 3e-3, 2 * steps, epochs * steps), weight_decay=1e-2)
    weights = initial_weights(jax.random.key(SEED))
    state = optimizer.init(weights)

    @jax.jit
    def step(weights, state, key, batch, truth):
        augment_key, dropout_key = jax.random.split(key)
        batch = jax.vmap(augment)(jax.random.split(augment_key, len(batch)), batch)
        gradient = jax.grad(loss)(weights, batch, truth, dropout_key)
        updates, state = optimizer.update(gradient, state, weights)
        return optax.apply_updates(weights, updates), state

    key, shuffle = jax.random.key(SEED + 1), np.random.default_rng(SEED)
    for epoch in range(epochs):
        start, order = time.monotonic(), shuffle.permutation(len(images))
        for index in range(steps):
            key, step_key = jax.random.split(key)
            chosen = order[index * BATCH : (index + 1) * BATCH]
            weights, state = step(weights, state, step_key, images[chosen], labels[chosen])
        print(f"epoch {epoch + 1} held-out {measure(weights):.4f} {time.monotonic() - start:.1f} s", flush=True)
    return weights


def initial_weights(key):
    layers = []
    for (inputs, outputs), layer_key in zip(CHANNELS, jax.random.split(key, len(CHANNELS))):
        scale = (2 / (9 * inputs)) ** 0.5
        layers.append((scale * jax.random.normal(layer_key, (outputs, inputs, 3, 3)), jnp.zeros(outputs)))
    dense = (0.05 * jax.random.normal(key, (CHANNELS[-1][1] * 49, 10)), jnp.zeros(10))
    return {"convolutions": layers, "dense": dense}


def augment(key, image):
    """A slightly turned, sheared, scaled, moved and bent copy, with a thinner, thicker or fainter stroke at times."""
    keys = jax.random.split(key, 8)
    angle = jax.random.uniform(keys[0], minval=-0.25, maxval=0.25)
    scale = jax.random.uniform(keys[1], (2, 1, 1), minval=0.85, maxval=1.15)
    shear = jax.random.uniform(keys[2], minval=-0.2, maxval=0.2)
    move = jax.random.uniform(keys[3], (2, 1, 1), minval=-2, maxval=2)
    bend = jax.image.resize(jax.random.normal(keys[4], (2, 5, 5)), (2, 28, 28), "cubic") * 0.9

    rows, columns = jnp.mgrid[0:28, 0:28] - 13.5
    turned = jnp.stack(
        [rows * jnp.cos(angle) - columns * jnp.sin(angle), rows * jnp.sin(angle) + columns * jnp.cos(angle) + shear * rows]
    )
    image = map_coordinates(image, list(turned / scale + move + bend + 13.5), order=1, mode="constant")

    def thicker(image):
        return jax.lax.reduce_window(image, 0.0, jax.lax.max, (2, 2), (1, 1), "SAME")

    def thinner(image):
        return 1 - thicker(1 - image)

    chance = jax.random.uniform(keys[5])
    image = jnp.where(chance < 0.1, thicker(image), jnp.where(chance > 0.9, thinner(image), image))
    contrast = jax.random.uniform(keys[6], minval=0.8, maxval=1.3)
    return jnp.clip(image * contrast, 0, 1)


def logits(weights, images, dropout_key=None):
    values = images[:, None]
    for index, (kernel, bias) in enumerate(weights["convolutions"]):
        values = jax.lax.conv(values, kernel, (1, 1), "SAME") + bias[:, None, None]
        values = jax.nn.relu(values)
        if index in POOL_AFTER:
            values = jax.lax.reduce_window(values, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
    values = values.reshape(len(values), -1)
    if dropout_key is not None:
        values = values * jax.random.bernoulli(dropout_key, 0.7, values.shape) / 0.7
    kernel, bias = weights["dense"]
    return values @ kernel + bias


def loss(weights, images, labels, dropout_key):
    truth = optax.smooth_labels(jax.nn.one_hot(labels, 10), 0.02)
    return optax.softmax_cross_entropy(logits(weights, images, dropout_key), truth).mean()


@partial(jax.jit)
def predictions(weights, images):
    return logits(weights, images).argmax(axis=1)


def accuracy(weights, images, labels):
    return float((predictions(weights, images) == labels).mean())


if __name__ == "__main__":
    main()
