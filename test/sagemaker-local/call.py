"""Deploys an image to SageMaker's local mode, calls it, and prints the replies as JSON.

usage: call.py IMAGE FOLDER, with the container's variables and the calls as JSON on stdin
"""
import io
import json
import os
import sys
import tarfile

os.environ["SAGEMAKER_SUPPRESS_V2_WARNING"] = "1"

import boto3
from sagemaker.local import LocalSession
from sagemaker.model import Model

image, folder = sys.argv[1:]
given = json.load(sys.stdin)

# Nothing of AWS is asked. The SDK wants a region, a role and keys.
keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
session = LocalSession(boto_session=boto3.Session(**keys))
session.config = {"local": {"local_code": True, "container_root": folder}}
archive = os.path.join(folder, "model.tar.gz")
with tarfile.open(archive, "w:gz") as packed:
    entry = tarfile.TarInfo("weights.txt")
    entry.size = 7
    packed.addfile(entry, io.BytesIO(b"weights"))

model = Model(
    image_uri=image,
    model_data=f"file://{archive}",
    role="arn:aws:iam::111122223333:role/none",
    env=given["environment"],
    sagemaker_session=session,
)
model.deploy(1, "local", endpoint_name="modelwhisk")
replies = []
for call in given["calls"]:
    body = call.pop("Body").encode()
    reply = session.sagemaker_runtime_client.invoke_endpoint(EndpointName="modelwhisk", Body=body, **call)
    replies.append(reply["Body"].read().decode())
session.sagemaker_client.delete_endpoint(EndpointName="modelwhisk")
# The SDK copies the container's log to stdout.
print(f"\nREPLIES {json.dumps(replies)}", flush=True)
