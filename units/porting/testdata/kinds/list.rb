exec 'start_server', '--port=8080', '--', 'starman', '/srv/app/app.psgi'
