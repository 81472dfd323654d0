set -e -u
VALKEY_SERVER="${VALKEY_SERVER:-${REDIS_SERVER:-valkey}}"
dockerize -wait "tcp://${POSTGRES_SERVER}:5432" -timeout 60s true
if [ -f /crons.conf ]; then crontab /crons.conf; cron -f & fi

exec carton exec -- start_server --port=5000 -- plackup -I lib -s Starlet -E deployment --max-workers "${SERVER_PROCESSES}" --max-reqs-per-child "${MAX_REQUESTS_PER_WORKER:-1000}" --pid app.pid
