rm -rf ./webapp/perl/.cache
envfile ./webapp/env-local.sh start_server --path ./tmp/app.sock --pid-file ./run/app.pid -- \
             plackup -s Gazelle \
             --max-workers 16 \
             -E production \
             -a ./webapp/perl/app.psgi &

h2o -c ./h2o-local.conf &

trap 'kill $(cat ./run/*.pid)' INT
trap 'kill $(cat ./run/*.pid)' TERM
wait
