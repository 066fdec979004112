#!/bin/sh
# What the discount service grants, case by case.
set -eu
shop try discounts test-datasets/discount-cases.json
