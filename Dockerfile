# The gateway as one static program on an otherwise empty image: no shell, no packages, no root.
#
#   docker run --read-only --cap-drop ALL --stop-timeout 40 -p 8080:8080 -v /etc/chancery:/etc/chancery:ro \
#       chancery serve --config /etc/chancery/gateway.yaml
#
# It needs no writable directory of its own: documents are in the object store, records in PostgreSQL; 21 MiB of machine
# code, compiled once, go to /dev/shm, which every container has. What it reads,
# keysets and log.key with mode 0600 (or mounted, with keys.mounted: true), belongs to user 65532 ("keys create" and "migrate" are run the same way, with a
# directory that can be written). The configuration has to name addresses that can be reached from outside the container:
# listen 0.0.0.0:8080 and, for probes and metrics, admin_listen 0.0.0.0:8081. "chanceryd health" asks the latter, with no
# shell; where the configuration is not at the place below, override HEALTHCHECK or set CHANCERY_ADMIN_LISTEN.
# --build-arg RELEASE=… names the build; .git is not sent to the builder.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG RELEASE=
RUN CGO_ENABLED=0 go build -tags=nomsgpack,nodemo -trimpath -ldflags="-s -w -X main.release=${RELEASE}" -o /out/ ./cmd/...

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/LICENSE /LICENSE
COPY --from=build /out/chanceryd /chanceryd
COPY --from=build /out/chancery /chancery
USER 65532:65532
EXPOSE 8080 8081
# Whether the process lives: it goes on by itself when database or store are back, so none of them is a cause to restart.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/chanceryd", "health", "--live", "--config", "/etc/chancery/gateway.yaml"]
ENTRYPOINT ["/chanceryd"]
CMD ["serve"]
