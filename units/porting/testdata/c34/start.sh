#!/bin/sh
nginx -c /app/nginx.conf && \
    start_server --backlog=16384 --pid-file=/app/app.pid --path=/tmp/app.sock -- plackup \
    -E production -s Starlet --max-keepalive-reqs 1000 --max-reqs-per-child 50000 \
    --min-reqs-per-child 40000 --max-workers=$(nproc) -a /app/app.psgi
