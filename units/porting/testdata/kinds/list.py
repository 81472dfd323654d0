import subprocess
port = 8080
subprocess.Popen(["carton", "exec", "--", "start_server", "--port", str(port), "--", "starman", "/srv/app/my app.psgi"])
