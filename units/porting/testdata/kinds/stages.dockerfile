FROM perl:5.36 AS base
ENV A=${X:-x} B='$A' C="$A y" D=e\ f
ENV LIB /app/local
WORKDIR /app
USER app
ENTRYPOINT ["tini", "--"]
FROM --platform=linux/amd64 base AS web
WORKDIR web
CMD ["start_server", "--port", "5000", "--", "plackup", "app.psgi"]
FROM scratch
CMD start_server --port 5001 -- ./other
