import time

import gradio
from PIL import ImageOps


def invert(image):
    return ImageOps.invert(image.convert("RGB")).tobytes().hex()


def shout(text):
    return text.upper()


def count(to):
    for n in range(int(to)):
        time.sleep(0.1)
        yield str(n)


with gradio.Blocks() as demo:
    gradio.Interface(shout, gradio.Text(), gradio.Text(), api_name="shout")
    gradio.Interface(invert, gradio.Image(type="pil"), gradio.Text(), api_name="invert")
    gradio.Interface(count, gradio.Number(), gradio.Text(), api_name="count")
demo.launch(server_name="0.0.0.0", server_port=7860)
