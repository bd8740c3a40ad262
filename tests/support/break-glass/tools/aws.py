"""Stands in for AWS's own CLI, which the lab does not have: the same words, by the same botocore and JMESPath."""

import json
import sys

import boto3
import jmespath
from botocore import xform_name
from botocore.exceptions import ClientError

SEVERAL = {"names", "targets"}
OWN = {"region", "endpoint-url", "query", "output"}


def parsed(words):
    options, rest = {}, []
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            rest.append(word)
            continue
        name = word[2:]
        values = [words.pop(0)]
        while name in SEVERAL and words and not words[0].startswith("--"):
            values.append(words.pop(0))
        options[name] = values if name in SEVERAL else values[0]
    return options, rest


def shorthand(text):
    """`Id=10.0.0.1,Port=80`"""
    return dict(pair.split("=", 1) for pair in text.split(","))


def value(shape, given):
    if shape.type_name == "list":
        items = given if isinstance(given, list) else json.loads(given)
        return [value(shape.member, item) for item in items]
    if shape.type_name == "structure":
        fields = given if isinstance(given, dict) else json.loads(given) if given[0] == "{" else shorthand(given)
        return {name: value(shape.members[name], field) for name, field in fields.items()}
    if shape.type_name in ("integer", "long"):
        return int(given)
    return open(given, "rb") if shape.type_name == "blob" else given


def printed(answer, options):
    found = jmespath.search(options["query"], answer) if "query" in options else answer
    print(found if options.get("output") == "text" else json.dumps(found, indent=2, default=str))


def main(service, operation, *words):
    options, rest = parsed(list(words))
    client = boto3.client(
        "s3" if service == "s3api" else service,
        region_name=options["region"],
        endpoint_url=options.get("endpoint-url"),
    )
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation.replace("-", "_")])
    members = {xform_name(name, "-"): (name, shape) for name, shape in model.input_shape.members.items()}
    request = {}
    for option in options.keys() - OWN:
        name, shape = members[option]
        request[name] = value(shape, options[option])
    answer = getattr(client, operation.replace("-", "_"))(**request)
    if rest:
        with open(rest[0], "wb") as file:
            file.write(answer.pop("Body").read())
    printed(answer, options)


try:
    main(*sys.argv[1:])
except ClientError as error:
    print(f"\n{error}", file=sys.stderr)
    sys.exit(254)
