#!/usr/bin/env python3
"""Writes study_VERSION.sql beside this file: Optuna's own tables with studies of every kind of parameter, value and state.

  make_optuna.py     by an interpreter with Optuna; the files here are of Optuna 3.6.2 and 5.0.0
"""
import math
import os
import sqlite3
import tempfile
import warnings

import optuna
from optuna.distributions import CategoricalDistribution as Categorical, FloatDistribution as Float, IntDistribution as Int
from optuna.trial import TrialState, create_trial

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
SPACE = {
    "x": Float(-1.5, 2.5), "lr": Float(1e-5, 0.1, log=True), "dropout": Float(0.0, 1.0, step=0.25), "layers": Int(1, 10),
    "width": Int(8, 512, log=True), "heads": Int(2, 10, step=2), "activation": Categorical(["relu", "gelu"]),
    "batch": Categorical([8, 16, 32]), "bias": Categorical([True, False]),
}
PARAMS = {"x": 0.1 + 0.2, "lr": 3e-4, "dropout": 0.75, "layers": 7, "width": 100, "heads": 6, "activation": "gelu", "batch": 16,
          "bias": False}


def trial(state, value=None, curve=None, params=PARAMS, space=SPACE, **more):
    return create_trial(state=state, value=value, params=params, distributions={key: space[key] for key in params},
                        intermediate_values=curve or {}, **more)


def fill(storage):
    study = optuna.create_study(study_name="kinds", storage=storage, direction="maximize")
    study.set_metric_names(["accuracy"])
    study.set_user_attr("who", "someone")
    study.add_trial(trial(TrialState.COMPLETE, 0.1 + 0.7, {1: 0.5, 2: 0.1 + 0.7}, user_attrs={"seed": "a text", "note": [1, None]}))
    study.add_trial(trial(TrialState.PRUNED, -math.inf, {1: 0.5, 2: math.nan, 3: math.inf, 4: -math.inf}))
    study.add_trial(trial(TrialState.FAIL, None, {1: math.nan}, {"x": -1.5, "bias": True}))
    study.add_trial(trial(TrialState.COMPLETE, math.inf, None, PARAMS | {"x": 7.0}, SPACE | {"x": Float(-1.0, 7.0)}))
    study.add_trial(trial(TrialState.PRUNED, None, {1: 0.25, 3: math.nan}))
    study.enqueue_trial({"x": 1.0})
    study.add_trial(trial(TrialState.RUNNING, None, {5: 0.125}))
    two = optuna.create_study(study_name="two objectives", storage=storage, directions=["minimize", "maximize"])
    two.add_trial(create_trial(values=[0.5, 64.0], params={"x": 1.0}, distributions={"x": SPACE["x"]}))
    null = optuna.create_study(study_name="null choice", storage=storage)
    null.add_trial(create_trial(value=1.0, params={"depth": None}, distributions={"depth": Categorical([3, None])}))
    optuna.create_study(study_name="empty", storage=storage)


with tempfile.TemporaryDirectory() as folder:
    fill(f"sqlite:///{folder}/study.db")
    with sqlite3.connect(f"{folder}/study.db") as database:
        target = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"study_{optuna.__version__}.sql")
        with open(target, "w") as file:
            file.writelines(line + "\n" for line in database.iterdump())
