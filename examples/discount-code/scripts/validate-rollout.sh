#!/bin/sh
# As many requests get a discount as the flag says, at the right amounts, and none fails.
set -eu
shop try share
shop try discounts test-datasets/discount-cases.json
shop try calm
