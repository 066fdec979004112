#!/bin/sh
# The two columns are there and may be null, and carts are priced as before.
set -eu
columns=$(psql -c "SELECT count(*) FROM information_schema.columns WHERE table_name = 'cart'
  AND column_name IN ('discount_code', 'discount_amount') AND is_nullable = 'YES'")
echo "$columns of 2 columns are there and nullable"
test "$columns" -eq 2
shop try carts traffic-switch
