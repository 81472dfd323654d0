environment 'production'
threads 4, 4
queue_requests false # answers all that it has accepted before it stops
bind_to_activated_sockets 'only'
