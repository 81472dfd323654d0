source /usr/local/app/env/app.bashrc
source /usr/local/app/env/storage.bashrc
cd $APP_HOME
exec start_server\
    --port=$APP_STORAGE_PORT\
    --pid-file=$APP_HOME/var/run/app-storage.pid\
    --status-file=$APP_HOME/var/run/app-storage.status\
    --interval 2\
    -- plackup -s Starlet --workers 10 -a $APP_HOME/etc/storage.psgi
