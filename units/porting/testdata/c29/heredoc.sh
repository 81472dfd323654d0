cat > /etc/supervisor/conf.d/app.conf <<EOS
[program:app]
command=/srv/app/env.sh carton exec -- start_server --port 8080 -- plackup -s Gazelle app.psgi
directory=/srv/app
EOS
