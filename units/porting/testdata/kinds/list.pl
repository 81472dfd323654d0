exec qw(start_server --port 8081 -- starman /srv/app/app.psgi);
