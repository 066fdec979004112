#!/bin/sh
# The flag exists, stands at 0, and can be read.
set -eu
feature-flag get discount-enabled
shop try flag discount-enabled 0
