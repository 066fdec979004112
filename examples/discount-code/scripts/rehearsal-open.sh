#!/bin/sh
# usage: rehearsal-open.sh OWNER
# Opens a shop for one trial, and prints the variables that lead to it. It ends with the process OWNER.
set -eu
# The shop's programs load their packages from above the copied folder.
ln -s "$SLUICE_WORKSPACE/../../node_modules" "$SLUICE_REHEARSAL/node_modules"
SHOP_HOME=$(mktemp -d "${TMPDIR:-/tmp}/shop-XXXXXX")
export SHOP_HOME
echo "SHOP_HOME=$SHOP_HOME"
bin/shop open --owner "$1" --template "$SLUICE_REHEARSAL_SHARED/database"
