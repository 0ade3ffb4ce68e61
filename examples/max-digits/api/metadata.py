from flask_restx import fields
from maxfw.core import MAX_API, CustomMAXAPI, MetadataAPI, METADATA_SCHEMA

from config import LABELS, MODEL_META_DATA

label = MAX_API.model(
    "Label",
    {
        "id": fields.String(required=True, description="Label identifier"),
        "name": fields.String(required=True, description="Name of the digit"),
    },
)

labels_response = MAX_API.model(
    "LabelsResponse",
    {
        "count": fields.Integer(required=True, description="Number of labels"),
        "labels": fields.List(fields.Nested(label), description="The digits the model tells apart"),
    },
)


class ModelMetadataAPI(MetadataAPI):
    @MAX_API.marshal_with(METADATA_SCHEMA)
    def get(self):
        """Return the metadata of the model"""
        return MODEL_META_DATA


class ModelLabelsAPI(CustomMAXAPI):
    @MAX_API.doc("labels")
    @MAX_API.marshal_with(labels_response)
    def get(self):
        """Return the labels that the model predicts"""
        return {
            "count": len(LABELS),
            "labels": [{"id": str(digit), "name": name} for digit, name in enumerate(LABELS)],
        }
