"""Checks a service.yaml by the schema in Knative's own CRD: knative-schema.py CRD SERVICE"""

import sys

import jsonschema
import yaml


def forbid_unknown(node):
    """Kubernetes drops unknown members in silence; here they are errors."""
    if isinstance(node, dict):
        is_open = node.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in node
        if "properties" in node and not is_open:
            node["additionalProperties"] = False
        for child in node.values():
            forbid_unknown(child)


with open(sys.argv[1]) as crd, open(sys.argv[2]) as service:
    versions = yaml.safe_load(crd)["spec"]["versions"]
    schema = next(each for each in versions if each["name"] == "v1")["schema"]["openAPIV3Schema"]
    forbid_unknown(schema["properties"]["spec"])
    jsonschema.validate(yaml.safe_load(service), schema)
