#!/bin/bash
APP_ROOT=/srv/gems
export RACK_ENV=production
[ -z "$PORT" ] && PORT=8110
cd $APP_ROOT
exec bundle exec start_server.rb --port=$PORT --signal-on-hup=TERM --signal-on-TERM=TERM --dir=$APP_ROOT \
  --status-file=$APP_ROOT/tmp/pids/start_server.stat --pid-file=$APP_ROOT/tmp/pids/start_server.pid \
  --kill-old-delay=1 -- \
  bundle exec --keep-file-descriptors puma -C config/puma.rb config.ru
