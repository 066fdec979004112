#!/bin/sh
# Twenty carts, through the switch, cost what the database says.
set -eu
shop try carts traffic-switch
