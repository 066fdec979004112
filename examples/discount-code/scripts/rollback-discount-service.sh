#!/bin/sh
set -eu
kubectl rollout undo deployment/discount-service
