#!/bin/sh
# Everything as it was before the migration.
set -eu
scripts/phase-rollback.sh
psql -f migrations/001_rollback.sql
scripts/restore-cart.sh
