#!/bin/sh
# cron: run a command, tell when it fails with its last lines, and once it works again.
#   0 3 * * *  . /etc/tocsin.env; cron.sh nightly-backup pg_dump --file /backup/db.sql db
# Its output and its exit code stay what they are; telling takes 20 seconds at most.
set -u

name=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT

"$@" >"$log" 2>&1
code=$?
cat "$log"

tell() {
  tail -n 20 "$log" | timeout 20 tocsin send --type cron.job --fingerprint "cron:$name" \
    --message - --json --timeout 10 "$@" >/dev/null || echo "$name: not told" >&2
}

if [ "$code" -eq 0 ]; then
  # The end of a problem; where none is open, nobody is told.
  tell "$name works" --state resolved
else
  tell "$name failed with code $code" --state firing --severity high
fi
exit "$code"
