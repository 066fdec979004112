-- Harmless when the columns are not there.
ALTER TABLE cart DROP COLUMN IF EXISTS discount_amount;
ALTER TABLE cart DROP COLUMN IF EXISTS discount_code;
