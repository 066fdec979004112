#!/bin/sh
# Closes the shop of a trial. There is none when the setup failed early.
set -eu
[ -n "${SHOP_HOME:-}" ] || exit 0
bin/shop close
rm -rf "$SHOP_HOME"
