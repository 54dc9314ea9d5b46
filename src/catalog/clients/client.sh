#!/bin/sh
# Calls the endpoint `@@slug@@`, version @@version@@; made by `pinion client curl @@slug@@`.
#
#   PINION_TOKEN=pin_live_... ./@@slug@@.sh [FILE]     FILE has the body; - is standard input
#
# Without FILE an example is sent. PINION_URL names another gateway.
#
# @@about@@
set -eu

: "${PINION_TOKEN:?set PINION_TOKEN to a token that may call @@slug@@}"
url=@@origin@@
url=${PINION_URL:-$url}

body() {
    if [ $# -gt 0 ]; then
        cat -- "$@"
        return
    fi
    cat <<'BODY'
@@body@@
BODY
}

# The token is handed over by a file descriptor: what stands in arguments everybody on the machine sees.
body "$@" | curl --silent --show-error --fail-with-body --no-buffer \
    --config /dev/fd/3 \
    --header 'Content-Type: application/json' \
    --data-binary @- \
    "$url/@@slug@@" 3<<CONFIG
header = "Authorization: Bearer $PINION_TOKEN"
CONFIG
