#!/bin/sh
# The discount service is up, measured, and grants what it should.
set -eu
shop try health discount-service
shop try metrics discount-service
shop try discounts test-datasets/discount-cases.json
