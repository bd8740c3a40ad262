#!/bin/sh
# Temporal's image takes the database's password from its environment only; this hands it over from a file. A server
# that listens on all addresses must be told which of them is its own.
set -eu
POSTGRES_PWD="$(cat /run/secrets/temporal-database)"
TEMPORAL_BROADCAST_ADDRESS="$(hostname -i | cut -d' ' -f1)"
export POSTGRES_PWD TEMPORAL_BROADCAST_ADDRESS
exec /etc/temporal/entrypoint.sh
