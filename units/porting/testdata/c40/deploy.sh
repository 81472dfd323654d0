HOME=/home/app
APP_HOME=$HOME/app
PORT=8100
WORKERS=4
PIDFILE=$APP_HOME/app.pid
STATUS=$APP_HOME/app.status
ERROR_LOG=$APP_HOME/error.log
STARMAN="starman --workers $WORKERS --error-log $ERROR_LOG $APP_HOME/app.psgi"
DAEMON="$HOME/perl5/perlbrew/perls/perl-5.16.3/bin/start_server"
DAEMON_OPTS="--pid-file=$PIDFILE --status-file=$STATUS --port 127.0.0.1:$PORT -- $STARMAN"

. $HOME/perl5/perlbrew/etc/bashrc
cd $APP_HOME
$DAEMON --restart $DAEMON_OPTS

if [ $? -gt 0 ]; then
    /sbin/start-stop-daemon --start --background  \
                --exec $DAEMON -- $DAEMON_OPTS
fi
