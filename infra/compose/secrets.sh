#!/bin/sh
# Writes infra/compose/.env with keys of this installation, once; it is its owner's alone, and git does not see it.
set -eu
file="$(dirname "$0")/.env"
if [ -e "$file" ]; then
  echo "$file is there already" >&2
  exit 0
fi
key() { od -An -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }
umask 077
cat >"$file" <<END
POSTGRES_PASSWORD=$(key 24)
S3_ACCESS_KEY_ID=temper$(key 8)
S3_SECRET_ACCESS_KEY=$(key 24)
GRAFANA_PASSWORD=$(key 12)
END
echo "$file" >&2
