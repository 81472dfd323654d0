import subprocess

def start(args):
    subprocess.Popen("start_server --backlog=16384 --pid-file=/app/app.pid --path=/tmp/app.sock -- plackup -E production -s Starlet --max-workers=" + str(workers) + " -a app.psgi", cwd="/app", shell=True)
    return 0
