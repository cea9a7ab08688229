# SPDX-License-Identifier: Apache-2.0
"""Upstreams that hang, lie, cut and flood: bounded, named, nothing wrong is stored; the other modules come in."""
import pathlib
import signal
import threading

import pytest

from conftest import wait_until

GOOD = """module example.test/good v1.0.0
-- go.mod --
module example.test/good
go 1.21
-- good.go --
package good
"""
BAD = """module example.test/bad v1.0.0
-- go.mod --
module example.test/bad
go 1.21
-- bad.go --
package bad
"""
MAIN = """-- go.mod --
module example.test/main

go 1.21

require (
	example.test/bad v1.0.0
	example.test/good v1.0.0
)
"""


@pytest.fixture
def setting(upstream, project, larder, env):
    class Setting:
        up = upstream([GOOD, BAD])
        store = pathlib.Path(env["LARDER_STORE"])

        def stock(self, *words, **kwargs):
            return larder("stock", *words, project, env={"GOPROXY": self.up.url}, **kwargs)

        def held(self):
            return sorted(p.parent.parent.name for p in (self.store / "go").rglob("*.zip"))

    project.write_txtar(MAIN)
    project.write("go.sum", Setting.up.go_sum())
    return Setting()


def test_all_well(setting):
    assert setting.stock(ok=True)
    assert setting.held() == ["bad", "good"]


@pytest.mark.parametrize("what, kind", [
    (dict(status=404), 1),
    (dict(status=410), 1),
    (dict(status=403), 1),
    (dict(status=503), 1),
    (dict(flip=60), 3),
    (dict(html=True), 3),
])
def test_one_bad_zip_fails_alone(setting, what, kind):
    setting.up.fault("/example.test/bad/@v/v1.0.0.zip", **what)
    done = setting.stock()
    assert done.status == kind, str(done)
    assert "example.test/bad@v1.0.0" in done.err, str(done)
    assert setting.held() == ["good"]


@pytest.mark.parametrize("suffix, what, kind, said", [
    (".info", dict(status=503), 1, "503 Service Unavailable"),
    (".info", dict(html=True), 1, "invalid response from proxy"),
    (".info", dict(endless=True), 1, "too large"),
    (".mod", dict(status=503), 1, "503 Service Unavailable"),
    (".mod", dict(html=True), 3, "checksum mismatch"),
    (".mod", dict(endless=True), 1, "too large"),
])
def test_one_bad_small_file_fails_alone(setting, suffix, what, kind, said):
    setting.up.fault(f"/example.test/bad/@v/v1.0.0{suffix}", **what)
    done = setting.stock(timeout=60)
    assert done.status == kind, str(done)
    assert "example.test/bad@v1.0.0" in done.err and said in done.err, str(done)
    assert setting.held() == ["good"]


@pytest.mark.parametrize("suffix", [".info", ".mod", ".zip"])
def test_a_login_page_is_nothing_where_nobody_vouches(setting, larder, suffix):
    setting.up.fault(f"*{suffix}", html=True)
    done = larder("stock", "example.test/bad@v1.0.0", env={"GOPROXY": setting.up.url})
    assert done.status != 0 and "example.test/bad@v1.0.0" in done.err, str(done)
    assert setting.held() == [] and larder("cache", "verify").out.startswith("0 modules"), str(done)


def test_a_slow_upstream_is_waited_for(setting, larder, project, running):
    gate = threading.Event()
    setting.up.fault("*", gate=gate)
    process = running(larder.start("stock", "--idle-timeout", "30", project, env={"GOPROXY": setting.up.url}))
    wait_until(lambda: setting.up.count())
    assert process.poll() is None and setting.held() == []
    gate.set()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert setting.held() == ["bad", "good"]


def test_a_wrong_hash_is_a_security_error(setting, project):
    text = project.read("go.sum")
    lines = [line for line in text.splitlines() if line.startswith("example.test/bad v1.0.0 ")]
    project.write("go.sum", text.replace(lines[0].split()[2], "h1:" + "A" * 43 + "="))
    done = setting.stock()
    assert done.status == 3, str(done)
    assert "SECURITY ERROR" in done.err and "checksum mismatch" in done.err
    assert setting.held() == ["good"]


def test_without_go_sum_nothing_is_stored_unless_exempt(setting, project, larder):
    (project.path / "go.sum").unlink()
    words = ("stock", project)
    done = larder(*words, env={"GOPROXY": setting.up.url, "GOSUMDB": "sum.example.test"})
    assert done.status == 3 and "hint:" in done.err, str(done)
    assert setting.held() == []
    done = larder(*words, env={"GOPROXY": setting.up.url, "GOSUMDB": "sum.example.test", "GONOSUMDB": "example.test"})
    assert done.status == 0, str(done)
    assert setting.held() == ["bad", "good"]


def test_passing_trouble_is_retried(setting):
    setting.up.fault("/example.test/bad/@v/v1.0.0.zip", status=503, times=1)
    setting.up.fault("/example.test/good/@v/v1.0.0.zip", cut=20, times=1)
    assert setting.stock(ok=True)
    assert setting.held() == ["bad", "good"]


def test_redirect_loops_end(setting):
    setting.up.fault("/example.test/bad/@v/v1.0.0.zip", redirect="loop")
    done = setting.stock()
    assert done.status == 1 and "stopped after 10 redirects" in done.err, str(done)


def test_info_of_another_version_is_refused(setting):
    setting.up.fault("/example.test/bad/@v/v1.0.0.info", info_version="v9.9.9")
    done = setting.stock()
    assert done.status == 1, str(done)
    assert "proxy returned info for version v9.9.9 instead of requested version" in done.err
    assert setting.held() == ["good"]


def test_an_interrupted_stock_goes_on(setting):
    setting.up.fault("/example.test/bad/@v/v1.0.0.zip", status=404)
    assert setting.stock().status == 1
    setting.up.heal()
    setting.up.forget()
    assert setting.stock(ok=True)
    assert setting.up.count("*/good/*") == 0, "what is held costs no request"


def test_two_stocks_at_once(setting, larder, project, running):
    both = [running(larder.start("stock", project, env={"GOPROXY": setting.up.url})) for _ in range(2)]
    for process in both:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, out + err
    assert setting.held() == ["bad", "good"]
    assert setting.up.count("*/bad/@v/v1.0.0.zip") == 1


@pytest.mark.parametrize("what, said", [
    (dict(black_hole=True), "timeout"),
    (dict(endless=True, announce=10 << 30), "too large"),
    (dict(endless=True), "too large"),
])
def test_silence_and_floods_cost_a_bounded_time(setting, what, said):
    setting.up.fault("/example.test/bad/@v/v1.0.0.zip", **what)
    done = setting.stock("--idle-timeout", "1", timeout=100)
    assert done.status == 1 and said in done.err.lower(), str(done)
    assert setting.held() == ["good"]


@pytest.mark.parametrize("what", ["/example.test/bad/@v/v1.0.0.mod", "/example.test/bad/@v/v1.0.0.zip"])
def test_an_interrupted_stock_ends_and_the_next_goes_on(setting, larder, running, project, what):
    """While go.mod files are read, and while zips come in: upstream is silent, nothing but the signal can end it."""
    setting.up.fault(what, black_hole=True)
    process = running(larder.start("stock", project, env={"GOPROXY": setting.up.url}))
    wait_until(lambda: setting.up.count(what))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1 and "interrupted; run it again to go on" in err, err
    assert "bad" not in setting.held()
    setting.up.heal()
    setting.stock(ok=True)
    assert setting.held() == ["bad", "good"]
