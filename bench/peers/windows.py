"""Other learners on the rows of a network: windows.py DIR -> one JSON line; DIR holds x, y,
xTest as .f32 and width as .json. Each is fitted on the training rows as the network saw them
(scaled window and table side by side) and writes its probabilities for the test rows to
DIR/<name>.f32.
"""

import json
import os
import sys

import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

folder = sys.argv[1]
with open(os.path.join(folder, "width.json")) as file:
    width = json.load(file)


def read(name):
    return np.fromfile(os.path.join(folder, name + ".f32"), dtype="<f4")


x, y, test = read("x").reshape(-1, width), read("y"), read("xTest").reshape(-1, width)
learners = {
    "HistGradientBoostingClassifier": HistGradientBoostingClassifier(
        max_iter=100, early_stopping=False, random_state=1
    ),
    "LogisticRegression": LogisticRegression(C=0.01, max_iter=500),
}
for name, learner in learners.items():
    learner.fit(x, y)
    learner.predict_proba(test)[:, 1].astype("<f4").tofile(os.path.join(folder, name + ".f32"))
print(json.dumps({"version": sklearn.__version__, "names": list(learners)}))
