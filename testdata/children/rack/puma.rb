# Without its queue Puma answers all that it has accepted before it stops.
environment 'production'
threads 8, 8
queue_requests false
bind_to_activated_sockets 'only'
