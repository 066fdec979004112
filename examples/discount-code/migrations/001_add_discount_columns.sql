-- Both columns may be null, so whoever does not know them is not disturbed.
ALTER TABLE cart ADD COLUMN discount_code VARCHAR(50);
ALTER TABLE cart ADD COLUMN discount_amount DECIMAL(10,2);
