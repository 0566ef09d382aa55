# SPDX-License-Identifier: Apache-2.0
"""The front page and the live page of the metrics, in a real browser."""

import hashlib
import json
import re
import threading

import pytest
import requests

import browser as chromium
import metrics_page
from drivers import RestDriver
from processes import PATIENCE, ROOT, Gateway, Server, database_of, running

SITE = ROOT / "client/web"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    started = chromium.start(tmp_path_factory.mktemp("profile"))
    yield started
    started.close()


@pytest.fixture
def page(browser):
    opened = browser.page()
    yield opened
    opened.close()


def url(process, path):
    return f"http://{process.http}{path}"


def ask(process, path, method="GET", **arguments):
    return requests.request(method, url(process, path), timeout=PATIENCE,
                            proxies={"http": None}, **arguments)


def shows_nothing_wrong(page, process):
    assert page.complaints == []
    # SVG and styles of the page itself are no other host either.
    assert {address for address in page.requests
            if not address.startswith(url(process, "/"))} == set()


def open_metrics(page, process):
    page.open(url(process, "/metrics.html"))
    page.until("document.querySelectorAll('.card').length > 0")


@pytest.mark.parametrize("engine, charts, others", [
    ("sqlite", {"Write-ahead log", "Answered from memory"},
     {"Synchronous standbys"}),
    ("postgres", {"Synchronous standbys", "Wait for a connection"},
     {"Write-ahead log", "Answered from memory"})])
def test_the_metrics_page_has_the_charts_of_the_engine(
        page, tmp_path, engine, charts, others):
    data = tmp_path / "data"
    with running(Server(data, environment=database_of(data, engine))) as server:
        open_metrics(page, server)
        shown = set(page.run("[...document.querySelectorAll('[data-chart]')]"
                             ".map(chart => chart.dataset.chart)"))

        assert charts <= shown
        assert not others & shown
        shows_nothing_wrong(page, server)


def total(page, method):
    return page.run(
        f"""Number(document.querySelector(
          'tr[data-key$="/{method}"] [data-total]')?.dataset.total ?? 0)""")


def test_strangers_see_the_latest_public_photos(page, server, people, snapshot):
    ansel = people("ansel")
    ansel.upload(snapshot, caption="<b>Rocket</b>", alt_text="A rocket")
    ansel.upload(snapshot, caption="Not yours",
                 visibility="VISIBILITY_PRIVATE")

    page.open(url(server, "/"))
    page.until("document.querySelectorAll('.tile img.there').length === 1")
    page.until("document.getElementById('health').textContent === 'Serving'")

    assert page.run("document.querySelector('.tile img').alt") == "A rocket"
    # What people wrote is text.
    assert "<b>Rocket</b>" in page.run(
        "document.querySelector('.tile').textContent")
    shows_nothing_wrong(page, server)


def test_the_page_works_with_proto_names(page, tmp_path, snapshot):
    with running(Server(tmp_path / "data", "--json-names", "proto")) as server:
        ansel = RestDriver(server)
        ansel.register("ansel")
        ansel.login("ansel")
        photo = ansel.upload(snapshot, alt_text="A rocket")["name"]
        ansel.like(photo)
        ansel.close()

        page.open(url(server, "/"))
        page.until("document.querySelectorAll('.tile').length === 1")

        assert page.run("document.querySelector('.tile img').alt") == "A rocket"
        assert "♥ 1" in page.run("document.querySelector('.tile').textContent")
        shows_nothing_wrong(page, server)


def test_a_photo_opens_large_and_closes_again(page, server, people, snapshot):
    ansel = people("ansel")
    for caption in ("First", "Second"):
        photo = ansel.upload(snapshot, caption=caption)["name"]
    people("dorothea").comment(photo, "What a rocket.")

    page.open(url(server, "/"))
    page.until("document.querySelectorAll('.tile').length === 2")
    page.run("document.querySelector('.tile').click()")
    page.until("document.querySelector('#stage img')?.src.endsWith('/large')")
    page.until("document.querySelector('#comments li') !== null")

    assert page.run("location.hash") == f"#{photo}"
    assert page.run("document.getElementById('caption').textContent") == "Second"
    assert "What a rocket." in page.run(
        "document.getElementById('comments').innerText")
    page.press("ArrowRight", 39)
    page.until("document.getElementById('caption').textContent === 'First'")
    page.press("Escape", 27)
    page.until("!document.getElementById('viewer').open")
    page.until("location.hash === ''")  # The event comes after the state.
    shows_nothing_wrong(page, server)


def test_direction_controls_stay_within_what_somebody_wrote(page, server,
                                                            people, snapshot):
    override = "\u202eemit"
    ansel = people("ansel")
    photo = ansel.upload(snapshot, caption=override)["name"]
    people("dorothea").comment(photo, override)

    page.open(url(server, f"/#{photo}"))
    page.until("document.querySelector('#comments li') !== null")

    apart = page.run(f"""[...document.querySelectorAll('*')].filter(element =>
        [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE &&
                                     node.data.includes({override!r}))
      ).map(element => [getComputedStyle(element).unicodeBidi,
                        element.textContent])""")
    # The tile, the caption and the comment, each alone in its element.
    assert apart == [["isolate", override]] * 3
    shows_nothing_wrong(page, server)


def open_docs(page, process):
    page.open(url(process, "/docs"))
    page.until("document.getElementById('errors') !== null")


def test_the_docs_begin_with_sign_in_and_users(page, server):
    open_docs(page, server)

    assert page.run("[...document.querySelectorAll('h2')].map(h => h.innerText)"
                    ) == ["Sign in", "UserService", "PhotoService",
                          "SocialService", "AdminService", "Errors", "Schemas"]
    # The steps link to the forms that carry them out.
    for operation in ("CreateUser", "CreateSession"):
        assert page.run(f"""document.querySelector(
          '#sign-in ~ ol a[href="#UserService_{operation}"]') !== null""")
    shows_nothing_wrong(page, server)


def send(page, operation, **fields):
    """Fills the form of `operation` and gives the status of the response."""
    page.run(f"""(() => {{
        const card = document.getElementById({operation!r});
        const body = card.querySelector('textarea');
        if (body) body.value = JSON.stringify({json.dumps(fields)});
        else card.querySelector('input').value = {fields.get("path", "")!r};
        [...card.querySelectorAll('button')].find(
          button => button.innerText === 'Send').click();
      }})()""")
    shown = f"""document.querySelector('#{operation} details p')?.innerText"""
    page.until(f"/→ [0-9]+/.test({shown} ?? '')")
    return int(page.run(shown).split("→ ")[1])


def test_a_reader_of_the_docs_can_sign_in(page, server):
    open_docs(page, server)
    page.run("for (const form of document.querySelectorAll('details')) "
             "form.open = true")

    account = {"handle": "berenice", "password": "correct horse"}
    assert send(page, "UserService_CreateUser", **account) == 201
    assert send(page, "UserService_CreateSession", **account) == 201
    page.until("""[...document.querySelectorAll('button')].some(
        button => button.innerText === 'Use this token')""")
    page.run("""[...document.querySelectorAll('button')].find(
        button => button.innerText === 'Use this token').click()""")

    assert send(page, "UserService_GetUser", path="me") == 200
    assert "berenice" in page.run(
        "document.querySelector('#UserService_GetUser pre').innerText")


def test_the_docs_show_all_sizes_of_a_photo_as_one_entry(page, server):
    open_docs(page, server)

    assert page.run("""document.querySelectorAll(
        '[id^="PhotoService_DownloadPhoto"]').length""") == 1
    paths = [f"/v1/photos/{{photo}}/{size}"
             for size in ("thumbnail", "medium", "large", "original")]
    assert page.run("""document.querySelector(
        '#PhotoService_DownloadPhoto .path').innerText""").split() == paths
    assert page.run("""[...document.querySelectorAll(
        '#PhotoService_DownloadPhoto option')].map(o => o.value)""") == paths


def test_the_docs_list_errors_by_code(page, server):
    open_docs(page, server)

    rows, reasons = page.run("""[
        ...document.querySelectorAll('#errors ~ table.wide')].map(
            table => [...table.rows].map(
                row => [...row.cells].map(cell => cell.innerText)))""")
    assert rows[0] == ["HTTP", "gRPC", "Meaning", "Typical causes"]
    codes = [int(row[0]) for row in rows[1:]]
    assert codes == sorted(codes)
    [limit] = [row for row in rows if row[0] == "429"]
    assert limit[1] == "RESOURCE_EXHAUSTED"
    assert "RATE_LIMITED" in limit[3]
    assert reasons[0] == ["reason", "code", "HTTP", "meaning", "what to do"]
    [taken] = [row for row in reasons if row[0] == "HANDLE_TAKEN"]
    assert taken[1:3] == ["ALREADY_EXISTS", "409"]


def test_an_unknown_path_of_the_api_leads_to_the_docs(server):
    answer = ask(server, "/v1/photoz")

    assert answer.status_code == 404
    assert answer.json()["message"] == (
        "no method has this path; GET /docs lists all methods")


def test_an_empty_server_says_how_to_begin(page, server):
    page.open(url(server, "/"))
    page.until("!document.getElementById('empty').hidden")

    shows_nothing_wrong(page, server)


def test_the_numbers_move_and_are_those_of_the_metrics(page, server, people,
                                                       snapshot):
    ansel = people("ansel")
    photo = ansel.upload(snapshot)["name"]
    open_metrics(page, server)

    stop = threading.Event()

    def work():
        while not stop.wait(0.02):
            ansel.like(photo)
            ansel.unlike(photo)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        page.until("""Number(document.querySelector(
            '[data-tile="Calls"]').dataset.value) > 1""")
        before = total(page, "LikePhoto")
        chromium.eventually(lambda: total(page, "LikePhoto") > before,
                            "the page to move")
    finally:
        stop.set()
        worker.join()

    told = metrics_page.scrape(server)
    series = list(metrics_page.series(told))
    calls = sum(value for name, labels, value in series
                if name == "grpc_server_handled_total"
                and labels["grpc_method"] == "LikePhoto")
    chromium.eventually(lambda: total(page, "LikePhoto") == calls,
                        "the page to have all calls")
    page.run("document.getElementById('pause').click()")
    assert page.run("document.getElementById('state').textContent") == "Paused"
    ansel.like(photo)
    asked = page.requests.count(url(server, "/metrics"))
    chromium.eventually(
        lambda: page.requests.count(url(server, "/metrics")) > asked + 1,
        "the page to have read on")
    assert total(page, "LikePhoto") == calls
    page.run("document.getElementById('pause').click()")
    chromium.eventually(lambda: total(page, "LikePhoto") == calls + 1,
                        "the page to go on")
    shows_nothing_wrong(page, server)


def test_both_addresses_tell_the_same(server, people):
    people("ansel")

    def names(text):
        return {(name, *sorted(labels.items()))
                for name, labels, _ in metrics_page.series(text)
                if not name.startswith("http_")}

    answer = ask(server, "/metrics")

    assert names(answer.text) == names(metrics_page.scrape(server))
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "no-store"
    exporter = requests.get(f"http://{server.metrics}/metrics",
                            timeout=PATIENCE, proxies={"http": None})
    for header in ("Content-Type", "Content-Encoding", "Cache-Control"):
        assert exporter.headers[header] == answer.headers[header]
    assert ask(server, "/metrics", "HEAD").content == b""
    assert ask(server, "/metrics", "POST").headers["Allow"] == (
        "GET, HEAD, OPTIONS")


def test_a_method_that_is_chosen_fills_the_charts(page, server, people):
    people("ansel").whoami()
    open_metrics(page, server)
    page.until("document.querySelector('[data-key$=\"/GetUser\"]') !== null")

    page.run("document.querySelector('[data-key$=\"/GetUser\"] button').click()")

    assert page.run("document.getElementById('chosen').innerText") == "GetUser ✕"
    page.run("document.getElementById('chosen').click()")
    assert page.run("document.getElementById('chosen').hidden")
    shows_nothing_wrong(page, server)


def test_it_says_that_the_server_is_gone_and_goes_on_when_it_is_back(
        page, tmp_path):
    with running(Server(tmp_path / "data")) as server:
        address = server.http
        open_metrics(page, server)
        page.until("document.getElementById('state').textContent === 'Live'")
        assert page.run("document.getElementById('gone').hidden")

    page.until("!document.getElementById('gone').hidden")
    assert "has not responded since" in page.run(
        "document.getElementById('gone').textContent")
    assert page.run("document.getElementById('state').textContent") == "No response"
    assert page.run("document.querySelectorAll('.card').length > 0")

    with running(Server(tmp_path / "data", "--http-listen", address)):
        page.until("document.getElementById('gone').hidden")
        page.until("document.getElementById('state').textContent === 'Live'")


def test_a_gateway_of_its_own_has_the_pages_too(page, gateway, people,
                                                snapshot):
    people("ansel").upload(snapshot)

    page.open(url(gateway, "/"))
    page.until("document.querySelectorAll('.tile img.there').length === 1")
    open_metrics(page, gateway)

    page.until("document.querySelector("
               "'[data-chart=\"Requests per second\"]') !== null")
    assert page.run("document.getElementById('methods')") is None
    shows_nothing_wrong(page, gateway)


@pytest.mark.parametrize("path, ready", [
    ("/", "document.querySelector('.tile img.there')"),
    ("/metrics.html", "document.querySelector('#methods tr[data-key]')")])
def test_pages_fit_a_phone_and_the_dark(page, server, people, snapshot, path,
                                        ready):
    people("ansel").upload(snapshot)
    background = "getComputedStyle(document.body).backgroundColor"
    page.resize(390, 844, mobile=True)
    page.scheme("light")
    page.open(url(server, path))
    page.until(f"{ready} !== null")
    light = page.run(background)

    page.scheme("dark")

    page.until(f"{background} !== '{light}'")
    assert page.run("document.documentElement.scrollWidth") <= 390
    shows_nothing_wrong(page, server)


def test_rates_and_quantiles(page, server):
    page.open(url(server, "/metrics.html"))

    def number(expression):
        return page.run(
            f"import('./site/numbers.js').then(n => String({expression}))")

    # A counter that is less was started again; one that is new began at 0.
    assert number("n.increase(5, 8)") == "3"
    assert number("n.increase(5, 2)") == "2"
    assert number("n.increase(NaN, 4)") == "4"
    assert number("n.increase(4, NaN)") == "0"
    # Together: the first bucket alone would hide that all began at 0.
    assert number("n.increases([1, 9], [2, 3])") == "2,3"
    # As Prometheus has it.
    bounds = "[0.1, 0.2, Infinity]"
    assert number(f"n.quantile(0.5, {bounds}, [0, 10, 10]).toFixed(6)") == (
        "0.150000")
    assert number(f"n.quantile(0.5, {bounds}, [10, 10, 10]).toFixed(6)") == (
        "0.050000")
    assert number(f"n.quantile(0.99, {bounds}, [0, 10, 20])") == "0.2"
    assert number(f"n.quantile(0.5, {bounds}, [0, 0, 0])") == "NaN"
    assert number("n.quantile(0.5, [Infinity], [3])") == "NaN"
    assert number(r"""JSON.stringify(n.parseSeries(
        'x_total{a="b\\"{,}=",c="d"}'))""") == (
            r'["x_total",{"a":"b\"{,}=","c":"d"}]')
    assert number("""(() => {
        const h = new n.History(600);
        h.add(10, '# HELP c x\\nc{k="a"} 5\\nc{k="b"} 1\\n');
        h.add(12, 'c{k="a"} 9\\nc{k="b"} 1\\nc{k="new"} 2\\n');
        const [a, b] = h.samples;
        return [h.rate(a, b, "c"), h.rate(a, b, "c", {k: "a"}),
                h.sum(b, "c"), h.sum(a, "nothing")];
    })()""") == "3,2,12,NaN"


@pytest.mark.parametrize("options, there", [
    (["--http-listen", "0.0.0.0:0"], False),
    (["--http-listen", "0.0.0.0:0", "--http-metrics", "on"], True),
    (["--http-metrics", "off"], False),
    (["--metrics-listen", "off"], True)])
def test_metrics_are_on_loopback_unless_that_is_said(tmp_path, page, options,
                                                     there):
    with running(Server(tmp_path / "data", "--clear-text-on-network",
                        *options)) as server:
        address = server.http.replace("0.0.0.0", "127.0.0.1")
        server.addresses["HTTP"] = address
        code = 200 if there else 404

        assert ask(server, "/metrics").status_code == code
        # A proxy passes on whom its caller asked for.
        public = ask(server, "/metrics", headers={"Host": "photos.example.org"})
        assert public.status_code == (200 if "on" in options else 404)
        assert ask(server, "/metrics.html").status_code == code
        assert ask(server, "/site/metrics.js").status_code == code
        # Nothing leads to where nothing is.
        page.open(url(server, "/"))
        page.until("!document.getElementById('empty').hidden")
        assert page.run("document.querySelectorAll("
                        "'a[href=\"metrics.html\"]').length > 0") == there
        shows_nothing_wrong(page, server)


@pytest.mark.parametrize("path", ["/", "/metrics.html", "/site/front.js"])
def test_pages_are_strict_about_what_they_load(server, path):
    answer = ask(server, path)
    policy = answer.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert not re.search(r"<script>|<style>| style=| on\w+=", answer.text)
    again = ask(server, path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert ask(server, path, "DELETE").headers["Allow"] == "GET, HEAD, OPTIONS"


def test_the_charts_are_the_library_as_it_was_published():
    folder = SITE / "third_party/uplot"
    sums = dict(re.findall(r"^\| `(\S+)` \| `([0-9a-f]{64})` \|$",
                           (folder / "README.md").read_text(), re.MULTILINE))

    assert len(sums) == 3
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
