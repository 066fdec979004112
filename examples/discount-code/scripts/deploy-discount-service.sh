#!/bin/sh
set -eu
kubectl apply -f k8s/discount-service.yaml
kubectl rollout status deployment/discount-service
