#!/bin/sh
set -eu
kubectl apply -f k8s/cart-service-v2.yaml
kubectl rollout status deployment/cart-service-v2
scripts/switch-traffic.sh blue green
