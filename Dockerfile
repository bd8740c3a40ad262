# One image for every process of Lifeboat: worker (the default), gateway, codec server, CLI. Not root, nothing writable
# needed, workflows bundled beforehand.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM packages AS bundle
COPY plan plan
COPY activities activities
COPY codec codec
COPY telemetry telemetry
COPY workflows workflows
COPY workers workers
RUN node workers/build.ts --all

FROM node:24.21.0-bookworm-slim AS lifeboat
# ssh-keygen checks the signatures of approvals; certificates are those of AWS, Cloudflare and the like.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends openssh-client ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json package-lock.json ./
COPY plan plan
COPY activities activities
COPY codec codec
COPY telemetry telemetry
COPY workflows workflows
COPY workers workers
COPY starter starter
COPY runbooks runbooks
COPY deploy/healthcheck.ts deploy/healthcheck.ts
COPY --from=bundle /app/dist dist
# A volume mounted here belongs to the worker's user from its first use.
RUN install --directory --owner=node --group=node /var/lib/lifeboat/plans
ENV NODE_ENV=production
USER node
# Node itself gets the signals, so that SIGTERM ends steps in order.
ENTRYPOINT ["node"]
CMD ["--max-semi-space-size=2", "workers/main.ts"]
