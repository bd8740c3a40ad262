# The lab in one container: two regions and a third place as plain processes, as on any Debian 12 machine. Only Node
# and Go come with the image; everything else is had by lab/setup.
FROM golang:1.26.8-bookworm AS go

FROM node:24.21.0-bookworm-slim
COPY --from=go /usr/local/go /usr/local/go
ENV PATH=/usr/local/go/bin:$PATH XDG_CACHE_HOME=/var/cache/lab GOPATH=/var/cache/lab/go GOCACHE=/var/cache/lab/go-build
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git procps python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /lifeboat
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# The Debian packages belong to the image; tools that are downloaded or built are kept in the cache volume.
RUN node deploy/lab-packages.ts && rm -rf /var/lib/apt/lists/*
CMD ["npm", "run", "gameday", "--", "--yes"]
