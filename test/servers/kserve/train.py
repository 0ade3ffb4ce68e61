import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

features, classes = load_iris(return_X_y=True)
joblib.dump(LogisticRegression(max_iter=500).fit(features, classes), "model.joblib")
