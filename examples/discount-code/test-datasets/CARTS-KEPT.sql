-- The thousand carts are there, with the prices they were opened with.
SELECT count(*) = 1000 AND sum(total) = 102685.00 FROM cart
