#!/bin/sh
# usage: configure-feature-flag.sh [PERCENTAGE]
set -eu
feature-flag set discount-enabled --percentage="${1:-0}"
