#!/bin/sh
# Makes Temporal's two databases and brings their tables to this version. SQL_* say where; run again, it changes nothing.
set -eu
tool() { temporal-sql-tool --plugin "$SQL_PLUGIN" --ep "$SQL_HOST" --port "$SQL_PORT" --user "$SQL_USER" --password "$SQL_PASSWORD" "$@"; }
for name in temporal visibility; do
  case $name in temporal) database=temporal ;; *) database=temporal_visibility ;; esac
  # It says so where the database or its first table is there already; update-schema then does what is missing.
  tool --db "$database" create || true
  tool --db "$database" setup-schema -v 0.0 || true
  tool --db "$database" update-schema --schema-name "postgresql/v12/$name"
done
