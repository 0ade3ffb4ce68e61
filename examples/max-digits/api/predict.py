from flask_restx import fields
from maxfw.core import MAX_API, PredictAPI
from werkzeug.datastructures import FileStorage

from core.model import ModelWrapper

input_parser = MAX_API.parser()
input_parser.add_argument(
    "image", type=FileStorage, location="files", required=True, help="An image file with one digit"
)
input_parser.add_argument(
    "threshold", type=float, default=0.0, help="Leave out digits less probable than this, from 0 to 1"
)

label_prediction = MAX_API.model(
    "LabelPrediction",
    {
        "label_id": fields.String(required=False, description="Label identifier"),
        "label": fields.String(required=True, description="Name of the digit"),
        "probability": fields.Float(required=True, description="Predicted probability of the digit"),
    },
)

predict_response = MAX_API.model(
    "ModelPredictResponse",
    {
        "status": fields.String(required=True, description="Response status message"),
        "predictions": fields.List(fields.Nested(label_prediction), description="The most probable digit first"),
    },
)


class ModelPredictAPI(PredictAPI):
    model_wrapper = ModelWrapper()

    @MAX_API.doc("predict")
    @MAX_API.expect(input_parser)
    @MAX_API.marshal_with(predict_response)
    def post(self):
        """Predict which digit an image shows"""
        arguments = input_parser.parse_args()
        image = self.model_wrapper.read_image(arguments["image"].read())
        predictions = self.model_wrapper.predict(image)
        return {
            "status": "ok",
            "predictions": [digit for digit in predictions if digit["probability"] >= arguments["threshold"]],
        }
