#!/bin/sh
# What the entry point of the postgres image does: a database of POSTGRES_USER with POSTGRES_PASSWORD, then the server.
#   postgres.sh FOLDER-OF-PROGRAMS    (POSTGRES_DATA: where it lies)
set -eu
install -d -o postgres -m 0700 "$POSTGRES_DATA"
password="$(mktemp)"
printf '%s' "$POSTGRES_PASSWORD" >"$password"
chown postgres "$password"
as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups --inh-caps=-all "$@"; }
cd /
as_postgres "$1/initdb" --pgdata="$POSTGRES_DATA" --username="$POSTGRES_USER" --pwfile="$password" --auth=scram-sha-256 >/dev/null
rm -f "$password"
exec setpriv --reuid=postgres --regid=postgres --clear-groups --inh-caps=-all "$1/postgres" -D "$POSTGRES_DATA" -c listen_addresses='*' -c unix_socket_directories="$POSTGRES_DATA"
