from maxfw.core import MAXApp

from api import ModelLabelsAPI, ModelMetadataAPI, ModelPredictAPI
from config import API_DESC, API_TITLE, API_VERSION

max_app = MAXApp(API_TITLE, API_DESC, API_VERSION)
max_app.add_api(ModelMetadataAPI, "/metadata")
max_app.add_api(ModelLabelsAPI, "/labels")
max_app.add_api(ModelPredictAPI, "/predict")

if __name__ == "__main__":
    max_app.run()
