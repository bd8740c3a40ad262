#!/bin/sh
# Makes sure that the namespace is there. Histories stay for 90 days, for auditors.
set -eu
namespace="${TEMPORAL_NAMESPACE:-default}"

until temporal operator cluster health >/dev/null 2>&1; do sleep 1; done
temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$namespace" --retention 2160h
