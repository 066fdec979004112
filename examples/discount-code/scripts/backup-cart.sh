#!/bin/sh
# Copies the cart table into a file of today. A copy that broke off never gets the name of a finished one.
set -eu
folder=${BACKUP_DIR:-backup}
mkdir -p "$folder"
file=$folder/cart_$(date +%Y%m%d).sql
pg_dump -t cart >"$file.part"
mv "$file.part" "$file"
echo "$file: $(tail -n 1 "$file")"
