#!/bin/bash
cd /srv/site
exec sudo -u site PLACK_ENV=production start_server --path=/tmp/site.sock --dir=current --log-file=log/site.log -- \
  plackup -s Starlet --max-workers=4
