# SPDX-License-Identifier: Apache-2.0
"""A certificate authority for tests, made with the openssl program.

    ca = Authority(folder)
    cert, key = ca.issue("IP:127.0.0.1")          # files; clients that trust ca.file accept the certificate
"""
import pathlib
import subprocess

CONFIG = """[ca]
default_ca = here
[here]
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
default_days = 2
[any]
commonName = supplied
"""
NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class Authority:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.file, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        self.count = 0
        (self.folder / "index").write_text("")
        (self.folder / "config").write_text(CONFIG.format(folder=self.folder))
        openssl("req", "-x509", *NEW_KEY, "-keyout", self.key, "-out", self.file, "-days", "2", "-subj", "/CN=test authority")

    def issue(self, *names, begin=None, end=None):
        """names: "IP:127.0.0.1", "DNS:up.test". begin, end: as 20200102000000Z."""
        self.count += 1
        stem = self.folder / f"leaf{self.count}"
        cert, key, request = (stem.with_suffix(suffix) for suffix in (".pem", ".key", ".csr"))
        openssl("req", "-new", *NEW_KEY, "-keyout", key, "-out", request, "-subj", "/CN=leaf",
                "-addext", "subjectAltName=" + ",".join(names))
        dates = [*(["-startdate", begin] if begin else []), *(["-enddate", end] if end else [])]
        openssl("ca", "-batch", "-notext", "-config", self.folder / "config", "-cert", self.file, "-keyfile", self.key,
                "-in", request, "-out", cert, *dates)
        return str(cert), str(key)
