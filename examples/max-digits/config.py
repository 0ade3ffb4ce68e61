# Flask settings
DEBUG = False

# Flask-RESTX settings
RESTX_MASK_SWAGGER = False
SWAGGER_UI_DOC_EXPANSION = "none"

# Application settings
API_TITLE = "MAX Digits"
API_DESC = "Tells which digit an image shows."
API_VERSION = "1.0.0"

MODEL_PATH = "assets/model.onnx"

MODEL_META_DATA = {
    "id": "max-digits",
    "name": "Handwritten digits, ONNX",
    "description": "A small convolutional network trained on 8,004 MNIST digits",
    "type": "Image Classification",
    "source": "http://yann.lecun.com/exdb/mnist",
    "license": "Apache-2.0",
}

LABELS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
