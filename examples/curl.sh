#!/bin/sh
# curl: tell that a backup is done. It takes 20 seconds at most, and never fails the job.
# All tries have one Idempotency-Key, so that nothing is told twice. Text that is not
# your own belongs through `jq -n --arg title "$text" '{type: "x", title: $title}'`.
set -eu

tell() {
  printf 'header = "Authorization: Bearer %s"\n' "${TOCSIN_KEY:-}" |
    curl --config - --silent --show-error --fail --output /dev/null \
      --max-time 10 --retry 3 --retry-max-time 20 --retry-connrefused \
      --header 'Content-Type: application/json' \
      --header "Idempotency-Key: $(hostname)-$$-$(date +%s)" \
      --data "$1" "${TOCSIN_URL:-http://127.0.0.1:8700}/v1/events" ||
    echo "not told" >&2
}

tell '{
  "type": "backup.done",
  "title": "Backup of db-main is done",
  "severity": "success",
  "fields": [{"name": "Size", "value": "41 GB"}, {"name": "Took", "value": "12 min"}]
}'
