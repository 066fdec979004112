#!/bin/sh
# Version 2 is up and prices carts as version 1 does, asked directly and by customers; nobody gets a discount yet.
set -eu
shop try health cart-service-v2
shop try carts cart-service-v2
shop try carts traffic-switch
shop try flag discount-enabled 0
