#!/bin/sh
# The newest copy of the cart table has as many rows as the table.
set -eu
folder=${BACKUP_DIR:-backup}
file=$(ls "$folder"/cart_*.sql | tail -n 1)
test -s "$file"
copied=$(grep -c '^INSERT INTO "cart"' "$file")
rows=$(psql -c 'SELECT count(*) FROM cart')
echo "$copied rows in $file, $rows in the table"
test "$copied" -eq "$rows"
