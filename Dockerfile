# A sluice worker, and the command line for use beside it. Built from a checkout: docker compose build.
FROM node:20.19.5-bookworm-slim AS build
WORKDIR /app
COPY . .
# Builds as well (the script "prepare"); then only what runs is kept.
RUN npm ci --no-audit --no-fund && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:20.19.5-bookworm-slim
# What the commands of a strategy commonly need; add your own tools in an image made FROM this one.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates curl postgresql-client procps \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE* ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/bin ./bin
COPY --from=build /app/dist ./dist
COPY --from=build /app/schemas ./schemas
COPY --from=build /app/web/static ./web/static
RUN ln -s /app/bin/sluice /usr/local/bin/sluice \
  && mkdir -p /var/lib/sluice/plans /workspace \
  && chown -R node:node /var/lib/sluice /workspace \
  && chmod 700 /var/lib/sluice
ENV NODE_ENV=production SLUICE_HOME=/var/lib/sluice
USER node
WORKDIR /workspace
ENTRYPOINT ["sluice"]
CMD ["worker"]
