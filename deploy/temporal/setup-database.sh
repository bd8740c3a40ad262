#!/bin/sh
# Creates Temporal's two databases, or brings their schemas up to this version. Safe to repeat; run it before a newer
# server starts.
set -eu
SQL_PASSWORD="$(cat /run/secrets/temporal-database)"
export SQL_PASSWORD
schemas=/etc/temporal/schema/postgresql/v12

sql() {
  database="$1"
  shift
  temporal-sql-tool --plugin postgres12 --endpoint temporal-database --port 5432 --user temporal --database "$database" "$@"
}

prepare() {
  sql "$1" create-database
  sql "$1" setup-schema --version 0.0
  sql "$1" update-schema --schema-dir "$schemas/$2/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
