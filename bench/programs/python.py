"""The Python way: Flask answers /run and calls the model's own Flask app through its test client.

Follows the OpenWhisk tutorial for the MAX models (jthomas/serverless-max-models, 2018), but with statusCode instead of
status, which the controller ignores.
"""

import base64
import hashlib
import logging
import os
import sys

from flask import Flask, Response, jsonify, request

model = Flask("model")


@model.post("/model/predict")
def predict():
    return jsonify({"status": "ok", "bytes": len(request.get_data())})


@model.post("/json")
def count():
    return jsonify({"status": "ok", "keys": len(request.get_json())})


@model.post("/digest")
def digest():
    return jsonify({"sha256": hashlib.sha256(request.get_data()).hexdigest()})


def image_bytes(length):
    return bytes((index * 7 + (index >> 8)) % 256 for index in range(length))


images = {}


@model.get("/image/<int:length>")
def image(length):
    if length not in images:
        images[length] = image_bytes(length)
    return Response(images[length], mimetype="image/png")


@model.get("/latin1")
def latin1():
    return Response("Grüße, ça va?".encode("latin-1"), content_type="text/plain; charset=iso-8859-1")


adapter = Flask("adapter")
client = model.test_client()


@adapter.post("/init")
def init():
    return "OK"


@adapter.post("/run")
def run():
    value = request.get_json(force=True)["value"]
    headers = value["__ow_headers"]
    if "__ow_body" in value:
        sent = {"data": base64.b64decode(value["__ow_body"])}
    elif headers.get("content-type") == "application/json":
        sent = {"json": {name: each for name, each in value.items() if not name.startswith("__ow_")}}
    else:
        sent = {}
    reply = client.open(value["__ow_path"], method=value["__ow_method"].upper(), headers=headers, **sent)
    if reply.content_type.startswith("image"):
        body = base64.b64encode(reply.data).decode()
    else:
        body = reply.get_data(as_text=True)
    for stream in (sys.stdout, sys.stderr):
        print("XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX", file=stream, flush=True)
    return jsonify({"statusCode": reply.status_code, "headers": dict(reply.headers), "body": body})


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    adapter.run(host="127.0.0.1", port=int(os.environ["PORT"]))
