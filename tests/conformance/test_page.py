"""The Offline Invoices page over bare HTTP: who gets in, what is refused, and that nothing needs a script."""

from __future__ import annotations

import re
import subprocess
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from lxml import etree

from harness import pages
from harness.command import Desk
from harness.invoices import example, variant
from harness.served import Answer, Served

CHANGES = ["/send", "/refresh", "/language", "/simulator", "/issue", "/invoices/x/delete", "/invoices/x/correct"]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Iterator[Served]:
    scratch = tmp_path_factory.mktemp("page")
    with Served(scratch / "home", scratch, "--simulator") as served:
        served.open()
        yield served


def stranger(page: Served, method: str, path: str, **headers: str | None) -> Answer:
    return page.ask(method, path, b"" if method == "POST" else None, **{"cookie": None, **headers})


def issued_ids(answer: Answer) -> list[str]:
    return list(dict.fromkeys(re.findall(r'href="/invoices/([^"/]+)"', answer.text)))


@pytest.mark.parametrize("path", ["/", "/archive", "/assets/style.css", "/no/such/page", "/invoices/x/files/invoice.xml", "/simulator"])
def test_without_the_token_every_address_answers_401(page, path):
    for asked in (path, f"{path}?token=", f"{path}?token={'A' * len(page.token)}", f"{path}?token={page.token[:-1]}"):
        answer = stranger(page, "GET", asked)
        assert answer.status == 401, asked
        assert "5265877635" not in answer.text and "csrf" not in answer.text
    assert stranger(page, "POST", path).status == 401
    assert stranger(page, "DELETE", path).status == 401
    assert page.ask("GET", path, cookie=f"ksef_offline_{page.port}=x").status == 401


def test_the_token_is_long_and_leaves_the_address(page):
    assert len(page.token) >= 43, "256 bits"
    answer = stranger(page, "GET", f"/archive?number=FV&token={page.token}")
    assert (answer.status, answer.headers["location"]) == (303, "/archive?number=FV")
    cookie = answer.headers["set-cookie"]
    assert page.token not in cookie
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    # Another site may lead here; its redirect would not carry the strict cookie, so a page leads on.
    led = stranger(page, "GET", f"/?token={page.token}", sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="document")
    assert led.status == 200 and 'http-equiv="refresh"' in led.text and page.token not in led.text
    # A token in a form changes nothing.
    assert stranger(page, "POST", f"/refresh?token={page.token}").status == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost", "127.0.0.1.evil.example:{port}", "[::1]:{port}", "", None]
)
def test_a_wrong_host_is_refused_even_with_the_cookie(page, host):
    named = host.format(port=page.port) if host else host
    answer = page.ask("GET", "/", host=named)
    assert answer.status in (400, 403), answer
    assert "csrf" not in answer.text


def test_the_page_answers_by_both_names_of_loopback(page):
    assert page.ask("GET", "/", host=f"localhost:{page.port}").status == 200


@pytest.mark.parametrize("path", CHANGES)
def test_a_change_needs_the_token_of_the_forms(page, path):
    for fields in ({}, {"csrf_token": ""}, {"csrf_token": "A" * 43}):
        body = urllib.parse.urlencode(fields).encode()
        answer = page.ask("POST", path, body, content_type=FORM, origin=page.origin, sec_fetch_site="same-origin")
        assert answer.status in (400, 403), (path, fields)
    if path == "/issue" or path.endswith("correct"):
        assert page.upload(path, [("a.xml", b"<a/>")], token="A" * 43).status == 403


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example", "sec_fetch_site": "cross-site"},
        {"origin": "http://evil.example", "sec_fetch_site": None},
        {"origin": "null", "sec_fetch_site": "cross-site"},
        {"origin": "null", "sec_fetch_site": None},
        {"origin": None, "sec_fetch_site": "cross-site"},
        # A page on another port of this machine gets the cookie, and gets nowhere.
        {"origin": "http://127.0.0.1:1", "sec_fetch_site": "same-site"},
        {"origin": None, "sec_fetch_site": "same-site"},
        {"origin": None, "sec_fetch_site": "none"},
    ],
)
def test_a_change_from_another_page_is_refused_even_with_both_tokens(page, path, headers):
    assert page.post(path, headers).status == 403


def test_no_change_can_be_made_by_reading(page):
    for path in CHANGES:
        assert page.ask("GET", path).status in (200, 404, 405), path
    assert page.ask("GET", "/refresh").status == 405
    assert page.ask("GET", "/language?language=en").status == 405
    for method in ("PUT", "DELETE", "PATCH"):
        assert page.ask(method, "/", b"", origin=page.origin, sec_fetch_site="same-origin").status == 405


def test_another_page_can_neither_frame_nor_embed_this_one(page):
    for destination, mode in (("iframe", "navigate"), ("image", "no-cors"), ("script", "no-cors"), ("empty", "cors")):
        for site in ("cross-site", "same-site"):
            assert page.ask("GET", "/", sec_fetch_site=site, sec_fetch_mode=mode, sec_fetch_dest=destination).status == 403
    # Leading to an address is allowed; a browser sends no strict cookie with it.
    assert page.ask("GET", "/", sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="document").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../Cargo.toml", "/assets/..%2f..%2fCargo.toml", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets//etc/passwd",
        "/invoices/..%2f..%2fconfig.toml/files/invoice.xml", "/invoices/../../config.toml", "/invoices/x/files/..%2f..%2fconfig.toml",
        "/invoices/%00/codes", "/sessions/..%2fqueue.db", "/issued/..%2f..", "//evil.example/",
    ],  # fmt: skip
)  # fmt: skip
def test_no_path_leads_out_of_the_page(page, path):
    answer = page.ask("GET", path)
    assert answer.status in (400, 404), (path, answer.status)
    assert "[authentication]" not in answer.text and "root:" not in answer.text


def test_every_answer_carries_the_strict_headers(page):
    answers = [page.ask("GET", path) for path in ("/", "/archive", "/assets/style.css", "/no", "/outages")] + [stranger(page, "GET", "/")]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        if "html" in answer.headers["content-type"]:
            inline = re.findall(r"<style|style=|<script(?! src=\"/assets/page.js\")|\son[a-z]+=|javascript:", answer.text)
            assert not inline, inline
            assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', answer.text)


def test_uploads_are_bounded_and_say_so(page):
    many = page.upload("/issue", [(f"{number}.xml", b"<a/>") for number in range(201)])
    assert many.status == 413 and "upload-too-many" in many.text
    large = page.upload("/issue", [("a.xml", b"x" * 33_000_000), ("b.xml", b"x" * 33_000_000)])
    assert large.status == 413 and "upload-too-large" in large.text
    none = page.upload("/issue", [("", b"")])
    assert none.status == 400 and "no-files" in none.text
    form = page.ask("POST", "/send", b"csrf_token=" + b"a" * 100_000, content_type=FORM, origin=page.origin, sec_fetch_site="same-origin")
    assert form.status == 413


def test_a_refused_file_shows_every_violation_and_one_too_large_says_so(page):
    faulty = example("01-vat").read_text().replace("<P_2>", "<P_2X>").replace("</P_2>", "</P_2X>").replace("<KodWaluty>PLN", "<KodWaluty>XXX1")
    answer = page.upload("/issue", [("../../x.xml", faulty.encode()), ("big.xml", b"<" * 3_100_000)])
    assert answer.status == 303, answer.text
    report = page.ask("GET", answer.headers["location"])
    root = html5lib.parse(report.text, treebuilder="lxml", namespaceHTMLElements=False)
    refused = {section.findtext("h3"): [code.text for code in section.iterfind(".//code")] for section in root.iter("section") if section.get("class") == "card refused"}
    assert set(refused) == {"x.xml", "big.xml"}
    assert len(refused["x.xml"]) >= 2, refused
    assert refused["big.xml"]


def test_what_an_invoice_says_is_text_and_never_markup(page, tmp_path):
    evil = "<script>alert(1)</script>"
    source = variant(example("01-vat"), tmp_path).read_text()
    number = re.search("<P_2>(.*)</P_2>", source)[1]
    source = source.replace(f"<P_2>{number}</P_2>", "<P_2>&lt;script&gt;alert(1)&lt;/script&gt;</P_2>")
    source = re.sub(r"(<P_1>)[^<]*", rf"\g<1>{today(page)}", source)
    answer = page.upload("/issue", [('"><img src=x>.xml', source.encode())])
    report = page.ask("GET", answer.headers["location"])
    (ident,) = issued_ids(report)
    for path in (answer.headers["location"], "/", f"/invoices/{ident}", f"/invoices/{ident}/preview", f"/invoices/{ident}/codes", f"/invoices/{ident}/files/preview.html"):
        text = page.ask("GET", path).text
        assert evil not in text and "<img src=x" not in text, path
        assert "&lt;script&gt;" in text, path


def today(page: Served) -> str:
    return re.search(r"<dd>(\d{4}-\d\d-\d\d) \d\d:", page.ask("GET", "/simulator").text)[1]


def test_the_preview_stands_in_a_frame_without_rights(page):
    ids = issue_one(page)
    answer = page.ask("GET", f"/invoices/{ids[0]}/files/preview.html")
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy and "allow-scripts" not in policy and "allow-same-origin" not in policy
    assert "frame-ancestors 'self'" in policy and "script-src" not in policy and "default-src 'none'" in policy
    assert 'sandbox="' in page.ask("GET", f"/invoices/{ids[0]}/preview").text
    pdf = page.ask("GET", f"/invoices/{ids[0]}/files/preview.pdf")
    assert pdf.body.startswith(b"%PDF-") and pdf.headers["content-disposition"].startswith("attachment")
    xml = page.ask("GET", f"/invoices/{ids[0]}/files/invoice.xml")
    assert etree.fromstring(xml.body) is not None and xml.headers["content-disposition"].startswith("attachment")


def issue_one(page: Served) -> list[str]:
    name = example("01-vat")
    document = re.sub(r"(<P_1>)[^<]*", rf"\g<1>{today(page)}", name.read_text())
    answer = page.upload("/issue", [(name.name, document.encode())], mode="offline24")
    assert answer.status == 303, answer.text
    return issued_ids(page.ask("GET", answer.headers["location"]))


def test_the_language_is_chosen_by_a_form_and_leads_nowhere_else(page):
    answer = page.post("/language", language="en", back="/archive?number=1")
    assert (answer.status, answer.headers["location"]) == (303, "/archive?number=1")
    chosen = answer.headers["set-cookie"].split(";")[0]
    english = page.ask("GET", "/", cookie=f"{page.cookie}; {chosen}")
    assert '<html lang="en">' in english.text and "Invoices in the queue" in english.text
    assert '<html lang="pl">' in page.ask("GET", "/").text
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "/x\r\nset-cookie: a=b"):
        assert page.post("/language", language="en", back=elsewhere).headers["location"] == "/"
    assert page.post("/language", language="de").status == 400


def test_errors_have_their_code_and_speak_the_language(page):
    missing = page.ask("GET", "/invoices/0198f0a0-0000-7000-8000-000000000000")
    assert missing.status == 404
    assert "not-found" in missing.text or "id-malformed" in missing.text
    search = page.ask("GET", "/archive?ksef_number=x&hash=y&from=z")
    assert search.status == 200 and search.text.count("malformed") >= 3


def test_nothing_of_an_invoice_and_no_token_is_logged(page):
    issue_one(page)
    log = page.log.read_text()
    for secret in (page.token, page.cookie.split("=", 1)[1], page.ask("GET", "/").csrf):
        assert secret not in log
    assert "Nabywca" not in log and "<Faktura" not in log and "P_2" not in log


def test_pages_are_valid_html(page, tmp_path):
    ids = issue_one(page)
    report = page.upload("/issue", [("a.xml", b"<a/>")]).headers["location"]
    paths = [
        "/", "/?status=signed", "/issue", report, "/send", "/work", "/archive", "/archive?number=x", "/outages", "/simulator", "/no",
        f"/invoices/{ids[0]}", f"/invoices/{ids[0]}/preview", f"/invoices/{ids[0]}/codes",
    ]  # fmt: skip
    files = []
    for number, path in enumerate(paths):
        for language in ("pl", "en"):
            file = tmp_path / f"{number}-{language}.html"
            file.write_text(page.ask("GET", path, cookie=f"{page.cookie}; ksef_offline_language={language}").text, encoding="utf-8")
            pages.parsed(file)
            files.append(file)
    judged = subprocess.run([*pages.vnu(), "--format", "text", "--filterpattern", ".*Trailing slash.*", *files], capture_output=True, text=True)
    assert judged.returncode == 0, judged.stderr


def test_a_port_in_use_a_foreign_home_and_no_home_are_told(page, desk: Desk, tmp_path):
    taken = desk.fails("serve", "--port", page.port, code=1)
    assert taken.error == "port-in-use"
    assert desk.fails("serve", "--simulator", code=2).error == "usage"
    assert Desk(tmp_path / "nothing", tmp_path).fails("serve", code=2).error == "config-missing"


def test_ctrl_c_ends_the_page_and_the_simulated_home_opens_again(tmp_path):
    home = tmp_path / "home"
    with Served(home, tmp_path / "1", "--simulator") as first:
        first.open()
        (ident, *_) = issue_one(first)
        assert first.stop() == 0
    with Served(home, tmp_path / "2", "--simulator") as second:
        assert second.token != first.token
        assert second.ask("GET", "/", cookie=first.cookie).status == 401
        second.open()
        assert ident in issued_ids(second.ask("GET", "/"))
        assert second.stop() == 0
