#!/bin/sh
# usage: switch-traffic.sh FROM TO, each "blue" or "green". Nothing happens when the traffic goes there already.
set -eu
shop switch "$2"
