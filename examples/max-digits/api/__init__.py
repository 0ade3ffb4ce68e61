from .metadata import ModelLabelsAPI, ModelMetadataAPI  # noqa: F401
from .predict import ModelPredictAPI  # noqa: F401
