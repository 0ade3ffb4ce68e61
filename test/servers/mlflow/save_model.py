import pandas
import mlflow

rows = pandas.DataFrame({"x": [1, 3], "y": [2, 4]})
signature = mlflow.models.infer_signature(rows, [3, 7])
mlflow.pyfunc.save_model("saved", python_model="model.py", signature=signature, pip_requirements=["mlflow"])
