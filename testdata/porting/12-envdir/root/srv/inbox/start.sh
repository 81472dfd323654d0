cd /srv/inbox;
mkdir -p /srv/inbox/env

KILL_OLD_DELAY=1 start_server \
 --pid-file=/tmp/start_server.pid \
 --envdir=/srv/inbox/env \
 --port=8112 \
 --path=/run/inbox/inbox.sock \
 -- plackup -s Starlet --max-workers 4 app.psgi
