exec /srv/perl/bin/start_server --port=7000 --interval=3 -- /srv/perl/bin/plackup -s Starlet /srv/app/app.psgi
