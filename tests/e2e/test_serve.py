# SPDX-License-Identifier: Apache-2.0
"""`larder serve` as its users see it: go, curl-like clients, supervisors."""
import signal
import urllib.error
import urllib.request

import pytest


def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


@pytest.fixture
def site(larder, serve, hello_web):
    larder("stock", hello_web, env={"GOPROXY": hello_web.proxy}, ok=True)
    return serve()


def test_list_latest_and_parts(site):
    url, _ = site
    base = url + "/github.com/google/uuid"
    assert get(base + "/@v/list")[1] == b"v1.6.0\n"
    assert b'"Version":"v1.6.0"' in get(base + "/@latest")[1]
    status, body, headers = get(base + "/@v/v1.6.0.zip")
    assert status == 200 and int(headers["Content-Length"]) == len(body)
    part = get(base + "/@v/v1.6.0.zip", Range="bytes=10-19")
    assert part[0] == 206 and part[1] == body[10:20]
    assert get(base + "/@v/v1.6.0.zip", **{"If-None-Match": headers["ETag"]})[0] == 304


def test_what_is_missing_is_named(site):
    status, body, _ = get(site[0] + "/github.com/google/uuid/@v/v9.9.9.zip")
    assert status == 404 and b"github.com/google/uuid@v9.9.9" in body


def test_nothing_outside_the_store_can_be_read(site):
    for target in ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/larder/format"):
        assert get(site[0] + target)[0] in (400, 404), target


def test_health_and_a_clean_end(site):
    url, process = site
    assert get(url + "/livez")[0] == 200 and get(url + "/readyz")[0] == 200
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "stopped" in err
    assert "route=" in err or "GET" in err, "every request is a line"


def test_a_taken_address_is_said(larder, site):
    done = larder("serve", "--listen", site[0].removeprefix("http://"))
    assert done.status == 1 and "address already in use" in done.err.lower(), str(done)
