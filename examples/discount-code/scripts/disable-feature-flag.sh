#!/bin/sh
set -eu
feature-flag set discount-enabled --percentage=0
