# To be sourced: `. examples/local.sh` says where the local stack is, with its ingest key.
# What TOCSIN_URL and TOCSIN_KEY say already, stays.
_stack=${TOCSIN_STACK_FILE:-.local/stack.json}
_told() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$_stack" "$1"
}
if [ -z "${TOCSIN_URL:-}" ]; then
  if [ -r "$_stack" ]; then
    TOCSIN_URL=$(_told api_url)
    TOCSIN_KEY=$(_told ingest_key)
    export TOCSIN_URL TOCSIN_KEY
  else
    echo "there is no $_stack: start the local stack with \`make up\`" >&2
  fi
fi
unset -f _told
unset _stack
