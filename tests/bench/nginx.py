# SPDX-License-Identifier: Apache-2.0
"""nginx with one worker on a free port of 127.0.0.1, serving a folder: the yardstick, and an upstream equal for all."""
import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

CONFIG = """
{user}
worker_processes 1;
daemon off;
pid {run}/pid;
error_log {run}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  client_body_temp_path {run}/body; proxy_temp_path {run}/proxy; fastcgi_temp_path {run}/fastcgi;
  uwsgi_temp_path {run}/uwsgi; scgi_temp_path {run}/scgi;
  types {{ }}
  default_type application/octet-stream;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def program():
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Nginx:
    """with Nginx(folder, scratch) as url: …"""

    def __init__(self, root, run):
        self.root, self.run = pathlib.Path(root).resolve(), pathlib.Path(run).resolve()

    def __enter__(self):
        self.run.mkdir(parents=True, exist_ok=True)
        port = free_port()
        config = self.run / "nginx.conf"
        config.write_text(CONFIG.format(run=self.run, root=self.root, port=port,
                                        user="user root;" if os.geteuid() == 0 else ""))
        self.process = subprocess.Popen([program(), "-e", self.run / "error.log", "-c", config],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}"
        self.wait_for_it()
        return self.url

    def wait_for_it(self):
        end = time.monotonic() + 10
        while True:
            try:
                urllib.request.urlopen(self.url, timeout=10).close()
                return
            except urllib.error.HTTPError:
                return  # it answers
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"nginx did not start: {(self.run / 'error.log').read_text()}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
