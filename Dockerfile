# Builds the image of the agent. No image but the two named here is used, both can be replaced:
#   docker build --build-arg BUILD_IMAGE=... --build-arg RUN_IMAGE=... --build-arg REVISION=$(git rev-parse HEAD) .
# Neither the syntax line nor cache mounts are used: the classic builder and BuildKit both build it.
ARG BUILD_IMAGE=docker.io/library/node:24-bookworm-slim
ARG RUN_IMAGE=gcr.io/distroless/nodejs24-debian12

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN ["npm", "ci", "--ignore-scripts"]
COPY build.mjs tsconfig.json LICENSE ./
COPY src ./src
# The agent serves them as runbooks.
COPY docs/findings ./docs/findings
# Into --version and pausewatch_build_info.
ARG REVISION
RUN ["node", "build.mjs"]

FROM ${RUN_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="pausewatch" \
      org.opencontainers.image.description="Watches the pause process under every Kubernetes pod" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# One file, and the licences of all that is in it. As .mjs it needs no package.json beside it.
COPY --from=build /build/dist/pausewatch.js /usr/lib/pausewatch/pausewatch.mjs
COPY --from=build /build/dist/pausewatch.LICENSES.txt /build/LICENSE /usr/lib/pausewatch/
# glibc gives each thread a heap of its own, which costs 10 MiB and gains nothing here.
ENV MALLOC_ARENA_MAX=2 \
    NODE_ENV=production
# The runtime's socket belongs to root; everything else root could do is dropped by the DaemonSet.
USER 0:0
EXPOSE 10961
ENTRYPOINT ["/nodejs/bin/node", "/usr/lib/pausewatch/pausewatch.mjs"]
CMD ["serve"]
