"""The Offline Invoices page in a browser: its whole story in both languages, on a desk, on a phone and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy
import pytest
import zxingcpp

from harness.invoices import example, sha256_base64, variant
from harness.reference import REPOSITORY
from harness.served import Served, browser

SCREENS = REPOSITORY / "target" / "screens"
WIDTHS = {"desk": 1280, "phone": 390}
SECONDS = 1000

WORDS = {
    "pl": {
        "queue": "Faktury w kolejce", "issue": "Wystaw", "refresh": "Odśwież", "send": "Wyślij", "send batch": "Wyślij paczkę", "signed": "Podpisana",
        "sent": "Wysłana", "error": "Błąd", "open": "otwarty", "delete": "Usuń", "correct": "Wyślij korektę", "accepted": "Przyjęte: {}, odrzucone: {}",
        "two": "2 faktury", "begin": "Rozpocznij", "set": "Ustaw", "reject": "Odrzuć", "overdue": "po terminie", "search": "Szukaj", "nothing": "Nic takiego",
        "emergency": "awaryjny", "running": "trwa", "over": "zakończona", "other": "English", "pdf": "Pobierz PDF", "day": "+7 dni", "issued": "Wystawione: 2, odrzucone: 1",
    },
    "en": {
        "queue": "Invoices in the queue", "issue": "Issue", "refresh": "Refresh", "send": "Send", "send batch": "Send batch", "signed": "Signed",
        "sent": "Sent", "error": "Error", "open": "open", "delete": "Delete", "correct": "Send the correction", "accepted": "Accepted: {}, rejected: {}",
        "two": "2 invoices", "begin": "Begin", "set": "Set", "reject": "Reject", "overdue": "overdue", "search": "Search", "nothing": "Nothing like that",
        "emergency": "emergency", "running": "goes on", "over": "over", "other": "Polski", "pdf": "Download PDF", "day": "+7 days", "issued": "Issued: 2, refused: 1",
    },
}  # fmt: skip
# Words of the page, none of which may show in the other language.
FOREIGN = {
    "en": r"\b(Kolejka|Faktur[ay]|Wyślij|Odśwież|Archiwum|Przerwy|Termin|Nabywca|Podgląd|Usuń|Szukaj|Tryb|wystawiona|Sesja|Numer|Kody)\b",
    "pl": r"\b(Queue|Invoices?|Send|Refresh|Archive|Outages?|Deadline|Buyer|Preview|Delete|Search|Mode|issued|Session|Number|codes)\b",
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    with browser() as running:
        yield running


@dataclass
class Visit:
    """Somebody who looks at the page, and what every page they come to must be."""

    served: Served
    page: object
    language: str
    name: str
    scripts: bool = True
    seen: list[str] = field(default_factory=list)
    # What is wrong with pages, told all at once at the end.
    faults: list[object] = field(default_factory=list)

    def word(self, key: str) -> str:
        return WORDS[self.language][key]

    def go(self, path: str) -> None:
        self.page.goto(self.served.origin + path)

    def look(self, what: str, *, pictured: bool = True) -> None:
        """Judges the page that is open, and keeps a picture of it for people to look at."""
        page = self.page
        assert page.locator("html").get_attribute("lang") == self.language
        assert page.locator("h1").count() == 1, what
        # Nothing is wider than the window.
        wide = page.evaluate(
            "[...document.querySelectorAll('body *')].filter(e => !e.closest('.hidden, thead, .skip') && e.getBoundingClientRect().right > innerWidth + 1)"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        if wide or not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            self.faults.append((what, "wider than the window", wide[:3]))
        texts = page.evaluate(
            "(() => { const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); const all = [];"
            "while (walk.nextNode()) if (!walk.currentNode.parentElement.closest(':lang(' + (document.documentElement.lang == 'pl' ? 'en' : 'pl') + '), noscript, .brand, h3, .buyer, .link, .place'))"
            " all.push(walk.currentNode.data); return all })()"
        )
        untranslated = [text for text in texts if re.search(FOREIGN[self.language], text, re.IGNORECASE)]
        if untranslated:
            self.faults.append((what, "not translated", untranslated))
        self.accessible(what)
        if pictured:
            SCREENS.mkdir(parents=True, exist_ok=True)
            self.seen.append(what)
            page.screenshot(path=SCREENS / f"{self.name}-{len(self.seen):02}-{what}.png", full_page=True)

    def accessible(self, what: str) -> None:
        if not self.scripts:
            return
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
        for one in found.response["violations"]:
            nodes = [(node["html"][:200], node["failureSummary"]) for node in one["nodes"]][:3]
            self.faults.append((what, one["id"], one["help"], nodes))

    def steer(self, what: str, **fields: str) -> None:
        """Fills a form of the administrator's panel."""
        self.go("/simulator")
        form = self.page.locator(f'form:has(input[name="what"][value="{what}"])')
        for name, value in fields.items():
            control = form.locator(f'[name="{name}"]')
            if control.evaluate("e => e.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)
        form.locator("button").first.click()
        self.page.wait_for_url("**/simulator?notice=simulator")

    def today(self) -> str:
        self.go("/simulator")
        return re.search(r"\d{4}-\d\d-\d\d", self.page.locator("main dl dd").first.inner_text())[0]

    def issue(self, *files: Path, mode: str = "auto") -> None:
        self.go("/issue")
        self.page.locator("#files").set_input_files(list(files))
        self.page.locator("#mode").select_option(mode)
        self.page.locator("form.issue button").click()
        self.page.wait_for_url("**/issued/*")

    def send(self) -> None:
        self.go("/send")
        self.page.locator('form[action="/send"] button').click()
        self.page.wait_for_url("**/work")

    def result(self, accepted: int, rejected: int) -> None:
        told = self.word("accepted").format(accepted, rejected)
        self.page.locator("#progress .result", has_text=told).wait_for(timeout=60 * SECONDS)

    def row(self, number: str):
        return self.page.locator("table.invoices tbody tr", has=self.page.get_by_role("link", name=number, exact=True))


def visit(chromium, served: Served, language: str, name: str, width: int = 1280, scripts: bool = True) -> Visit:
    context = chromium.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts, locale="pl-PL")
    page = context.new_page()
    page.set_default_timeout(20 * SECONDS)
    page.on("pageerror", lambda error: pytest.fail(f"an error in the script: {error}"))
    page.on("console", lambda message: _no_violation(message))
    page.goto(served.url)
    assert "token" not in page.url, page.url
    return Visit(served, page, language, name, scripts)


def _no_violation(message) -> None:
    if message.type == "error" and "Content Security Policy" in message.text:
        raise AssertionError(message.text)


def today_variant(visit: Visit, part: str, folder: Path, **changes) -> Path:
    from datetime import date

    return variant(example(part), folder, issued=date.fromisoformat(visit.today()), **changes)


def number_of(file: Path) -> str:
    return re.search("<P_2>(.*?)</P_2>", file.read_text(encoding="utf-8"))[1]


@pytest.mark.parametrize(
    ("language", "place", "scripts"),
    [("pl", "desk", True), ("en", "desk", True), ("pl", "phone", True), ("en", "phone", True), ("en", "desk", False)],
    ids=["pl-desk", "en-desk", "pl-phone", "en-phone", "en-without-scripts"],
)
def test_the_story_of_an_offline_day(chromium, tmp_path, language, place, scripts):
    with Served(tmp_path / "home", tmp_path, "--simulator", language=language) as served:
        name = f"{language}-{place}" + ("" if scripts else "-plain")
        me = visit(chromium, served, language, name, WIDTHS[place], scripts)
        story(me, tmp_path)
        assert not me.faults, "\n".join(map(str, me.faults))
        assert served.stop() == 0
        assert "panicked" not in served.log.read_text()


def story(me: Visit, folder: Path) -> None:
    page = me.page
    assert me.word("queue") in page.locator("h1").inner_text()
    me.look("empty-queue")

    # KSeF fails; the red message says so, with the mode and why.
    me.steer("begin", kind="failure")
    me.look("simulator")
    me.go("/")
    banner = page.locator("#state .banner")
    banner.wait_for()
    assert me.word("emergency") in banner.inner_text()
    assert banner.evaluate("e => getComputedStyle(e).borderLeftColor") == "rgb(163, 22, 33)"

    # Files are issued all the same; a faulty one is refused with every violation.
    good = [today_variant(me, "01-vat", folder), today_variant(me, "02-vat", folder)]
    faulty = folder / "faulty.xml"
    faulty.write_text(good[0].read_text(encoding="utf-8").replace("<KodWaluty>PLN", "<KodWaluty>ZŁ").replace("P_15>", "P_15X>"), encoding="utf-8")
    me.issue(*good, faulty)
    assert me.word("issued") in page.locator(".result").inner_text()
    assert page.locator("section.refused li").count() >= 2
    me.look("issued")

    me.go("/")
    first, second = map(number_of, good)
    for number in (first, second):
        text = me.row(number).inner_text()
        assert me.word("signed") in text and me.word("open") in text, text
    me.look("signed")

    me.row(first).locator('a[href$="/codes"]').click()
    page.wait_for_url("**/codes")
    decoded_codes(me)
    me.look("codes")

    me.go("/")
    me.row(first).locator('a[href$="/preview"]').click()
    page.wait_for_url("**/preview")
    frame = page.frame_locator("iframe.preview")
    assert first in frame.locator("body").inner_text()
    me.look("preview")
    with page.expect_download() as download:
        page.get_by_role("link", name=me.word("pdf")).click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")

    # Sent while KSeF is away: nothing is lost, and the page says what happened.
    me.send()
    page.locator("#progress .banner").wait_for(timeout=60 * SECONDS)
    assert "ksef-unreachable" in page.locator("#progress").inner_text()
    me.look("unreachable")

    # KSeF is back, slow, and rejects one.
    me.steer("end")
    me.steer("processing", seconds="3")
    me.steer("reject", code="440")
    me.go("/outages")
    page.locator("#outages .pill.sent").first.wait_for()
    assert me.word("over") in page.locator("#outages").inner_text()
    me.look("outages")
    me.go("/send")
    assert page.locator("#how-many").inner_text() == me.word("two")
    me.look("confirm")
    page.get_by_role("button", name=me.word("send"), exact=True).click()
    page.wait_for_url("**/work")
    page.locator("#progress progress").wait_for()
    me.look("progress", pictured=True)
    me.result(1, 1)
    me.look("result")

    # From the batch reference to the session, its details open.
    me.go("/")
    rejected = first if me.row(first).count() else second
    text = me.row(rejected).inner_text()
    assert me.word("error") in text and "440" in text, text
    me.look("rejected")
    me.row(rejected).locator("a.reference").click()
    page.wait_for_url("**/sessions/*")
    assert page.locator("details").get_attribute("open") is not None
    assert page.locator("table.session tbody tr").count() == 2
    assert page.locator("table.session .pill.sent").count() == 1 and page.locator("table.session .pill.error").count() == 1
    me.look("session")

    # The rejected one is corrected under another number.
    me.go("/")
    me.row(rejected).locator('a[href$="/correct"]').click()
    page.wait_for_url("**/correct")
    me.look("correct")
    corrected = folder / "corrected.xml"
    source = good[0] if rejected == first else good[1]
    corrected.write_text(source.read_text(encoding="utf-8").replace(f"<P_2>{rejected}<", f"<P_2>{rejected}/K<"), encoding="utf-8")
    page.locator("#file").set_input_files(corrected)
    page.get_by_role("button", name=me.word("correct")).click()
    page.wait_for_url("**/work")
    page.locator("#progress .result", has_text=me.word("sent")).wait_for(timeout=60 * SECONDS)

    # One that is rejected for good is deleted, after a question.
    me.steer("reject", code="410")
    third = today_variant(me, "06-vat", folder)
    me.issue(third)
    me.send()
    me.result(0, 1)
    me.go("/")
    me.row(number_of(third)).locator('a[href$="/delete"]').click()
    page.wait_for_url("**/delete")
    me.look("delete")
    page.get_by_role("button", name=me.word("delete"), exact=True).click()
    page.wait_for_url("**/?notice=deleted")
    assert me.row(number_of(third)).count() == 0

    # The archive finds what KSeF has.
    accepted = second if rejected == first else first
    me.go("/archive")
    page.locator("#number").fill(accepted[:6])
    page.get_by_role("button", name=me.word("search")).click()
    assert me.row(accepted).count() == 1
    me.look("archive")
    page.locator("#number").fill("")
    page.locator("#hash").fill(sha256_base64((good[1] if accepted == second else good[0]).read_bytes()))
    page.get_by_role("button", name=me.word("search")).click()
    assert me.row(accepted).count() == 1
    page.locator("#buyer").fill("nobody-of-this-name")
    page.get_by_role("button", name=me.word("search")).click()
    assert me.word("nothing") in page.locator(".empty").inner_text()
    me.go("/archive")
    me.row(accepted).get_by_role("link", name=accepted, exact=True).click()
    page.wait_for_url("**/invoices/*")
    assert page.locator("table.history tbody tr").count() >= 3
    me.look("invoice")
    page.locator('a[href$="/codes"]').click()
    page.wait_for_url("**/codes")
    assert page.locator("section.code").count() == 1, "after acceptance CODE II is left out"
    me.look("codes-accepted")

    # The clock moves on: what waited is overdue, is shown so, and is sent all the same.
    late = today_variant(me, "01-vat", folder)
    me.issue(late, mode="offline24")
    me.go("/simulator")
    page.get_by_role("button", name=me.word("day")).click()
    page.wait_for_url("**/simulator?notice=simulator")
    me.go("/")
    assert me.word("overdue") in me.row(number_of(late)).inner_text()
    me.look("overdue")
    me.send()
    me.result(1, 0)
    me.go("/no/such/page")
    me.look("error")


def decoded_codes(me: Visit) -> None:
    """Both pictures, as the browser drew them, read back to the links beside them."""
    me.page.wait_for_load_state("networkidle")
    sections = me.page.locator("section.code")
    assert sections.count() == 2
    for number in range(2):
        section = sections.nth(number)
        shot = cv2.imdecode(numpy.frombuffer(section.locator("img").screenshot(scale="css"), numpy.uint8), cv2.IMREAD_GRAYSCALE)
        shot = cv2.resize(shot, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
        found = {code.text for code in zxingcpp.read_barcodes(shot)}
        assert found == {section.locator("p.link").inner_text().strip()}, found


def test_examples_of_every_kind_fill_the_queue_and_look_well(chromium, tmp_path):
    with Served(tmp_path / "home", tmp_path, "--simulator", language="pl") as served:
        me = visit(chromium, served, "pl", "pl-full")
        me.steer("begin", kind="maintenance", lasting="5")
        me.go("/simulator")
        me.page.locator('form:has(input[value="examples"]) button').click()
        me.page.wait_for_url("**/issued/*")
        assert me.page.locator("table.invoices tbody tr").count() == 44
        me.go("/")
        me.look("queue")
        me.page.emulate_media(media="print")
        me.page.screenshot(path=SCREENS / "pl-full-print.png", full_page=True)
        assert not me.page.locator("nav").first.is_visible() and not me.page.locator("#send").is_visible()
        me.page.emulate_media(media="screen")
        me.page.set_viewport_size({"width": 390, "height": 800})
        me.look("queue-phone")
        assert not me.faults, "\n".join(map(str, me.faults))


def test_two_browsers_work_at_once_and_a_second_send_is_harmless(chromium, tmp_path):
    with Served(tmp_path / "home", tmp_path, "--simulator", language="en") as served:
        one = visit(chromium, served, "en", "one")
        two = visit(chromium, served, "en", "two")
        one.steer("processing", seconds="4")
        one.issue(today_variant(one, "01-vat", tmp_path), mode="offline24")
        one.go("/send")
        two.go("/send")
        again = one.page.locator('form[action="/send"] input[name="once"]').get_attribute("value")
        one.page.locator('form[action="/send"] button').click()
        one.page.locator("#progress progress").wait_for()
        # The other one sends as well: it sees the work that is under way.
        two.page.locator('form[action="/send"] button').click()
        two.page.wait_for_url("**/work")
        two.page.locator("#progress progress").wait_for()
        # A long sending holds up no page.
        for path in ("/", "/archive", "/outages", "/issue"):
            two.go(path)
            assert two.page.locator("#work .running").count() == 1, path
        one.result(1, 0)
        # The same form once more, as after going back: nothing new is begun.
        served.open()
        before = served.ask("GET", "/work").text
        answer = served.post("/send", once=again)
        assert answer.status == 303
        assert served.ask("GET", "/work").text.split("<main")[1] == before.split("<main")[1]
        two.go("/simulator")
        assert "1 invoice" in two.page.locator("main dl").inner_text()


def test_what_is_dropped_on_the_page_is_issued_and_the_list_follows_by_itself(chromium, tmp_path):
    with Served(tmp_path / "home", tmp_path, "--simulator", language="en") as served:
        me, other = visit(chromium, served, "en", "drop"), visit(chromium, served, "en", "other")
        file = today_variant(me, "01-vat", tmp_path)
        me.go("/")
        me.page.evaluate("window.stays = true")
        other.go("/")
        transfer = other.page.evaluate_handle(
            "([name, text]) => { const data = new DataTransfer(); data.items.add(new File([text], name, { type: 'text/xml' })); return data }",
            [file.name, file.read_text(encoding="utf-8")],
        )
        other.page.dispatch_event("main", "dragenter", {"dataTransfer": transfer})
        assert "over" in other.page.locator(".drop").get_attribute("class")
        other.page.dispatch_event("main", "drop", {"dataTransfer": transfer})
        other.page.locator("form.issue button").click()
        other.page.wait_for_url("**/issued/*")
        # The first browser shows it without being loaded again.
        me.row(number_of(file)).wait_for(timeout=15 * SECONDS)
        assert me.page.evaluate("window.stays") is True


def test_the_keyboard_reaches_everything_in_order(chromium, tmp_path):
    with Served(tmp_path / "home", tmp_path, "--simulator", language="en") as served:
        me = visit(chromium, served, "en", "keys")
        me.page.keyboard.press("Tab")
        assert me.page.evaluate("document.activeElement.className") == "skip"
        assert me.page.locator(".skip").bounding_box()["y"] >= 0, "the skip link shows when it has the focus"
        me.page.keyboard.press("Enter")
        assert me.page.evaluate("document.activeElement.id") == "main"
        reached = []
        for _ in range(20):
            me.page.keyboard.press("Tab")
            reached.append(me.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
            outline = me.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none" or reached[-1] == "", reached
            if reached[-1] == "Issue":
                break
        assert reached[0] == "refresh" and "files" in reached and "mode" in reached and reached[-1] == "Issue", reached


def test_another_page_in_the_same_browser_can_do_nothing(chromium, tmp_path):
    with Served(tmp_path / "home", tmp_path, "--simulator", language="en") as served:
        me = visit(chromium, served, "en", "attack")
        file = today_variant(me, "01-vat", tmp_path)
        me.issue(file, mode="offline24")
        # A page of another origin: the same machine, another port, so the cookie goes along.
        import http.server
        import threading

        attacks = f"""<!DOCTYPE html><title>x</title><iframe src="{served.origin}/"></iframe><img src="{served.origin}/assets/icon.svg">
          <script src="{served.origin}/assets/page.js"></script>
          <form id="f" method="post" action="{served.origin}/send"><input name="csrf_token" value="x"></form>"""

        class Evil(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.end_headers()
                self.wfile.write(attacks.encode())

            def log_message(self, *_):
                pass

        evil = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil)
        thread = threading.Thread(target=evil.serve_forever, daemon=True)
        thread.start()
        try:
            page = me.page.context.new_page()
            page.goto(f"http://127.0.0.1:{evil.server_port}/")
            read = page.evaluate(
                "async (url) => { try { const a = await fetch(url, {credentials: 'include'}); return await a.text() } catch (e) { return 'refused' } }", served.origin + "/"
            )
            assert read == "refused"
            assert page.evaluate("document.images[0].naturalWidth") == 0
            framed = page.frames[1]
            assert "csrf" not in framed.content()
            page.evaluate("document.getElementById('f').submit()")
            page.wait_for_url(served.origin + "/send")
            assert "csrf" not in page.content()
            page.close()
        finally:
            evil.shutdown()
            evil.server_close()
            thread.join(5)
        me.go("/")
        assert me.word("signed") in me.row(number_of(file)).inner_text()
