#!/bin/sh
# Puts the cart table back from its newest copy, if rows are missing. The copy itself stays.
set -eu
folder=${BACKUP_DIR:-backup}
file=$(ls "$folder"/cart_*.sql 2>/dev/null | tail -n 1)
if [ -z "$file" ]; then
  echo 'there is no copy of the cart table: nothing to restore'
  exit 0
fi
copied=$(grep -c '^INSERT INTO "cart"' "$file")
rows=0
if [ "$(psql -c "SELECT to_regclass('cart') IS NOT NULL")" = true ]; then
  rows=$(psql -c 'SELECT count(*) FROM cart')
fi
if [ "$rows" -ge "$copied" ]; then
  echo "the table has its $rows rows: nothing to restore"
  exit 0
fi
psql -c 'DROP TABLE IF EXISTS cart' -f "$file"
echo "$copied rows restored from $file"
