"""Invoices made by the builders: legal by the Ministry's schema, and their sums as Python's `decimal` computes them.

The example `random_invoices` of ksef-offline-core makes documents of all kinds from a seed, and says what it was given:
prices, quantities, discounts, payments. Here the sums are computed anew from that, by the words of the VAT Act, and held
against the documents to the grosz. `KSEF_CONFORMANCE=full` takes thousands.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest
from lxml import etree

import mutate
import schema

FULL = os.environ.get("KSEF_CONFORMANCE") == "full"
NS = {"f": schema.NAMESPACE}
CENT = Decimal("0.01")

# The field of each rate, and its per cent. Rates of other countries are sums of the one-stop shop.
FIELDS = {
    "23": ("1", 23), "22": ("1", 22), "8": ("2", 8), "7": ("2", 7), "5": ("3", 5), "4": ("4", 4), "3": ("4", 3),
    "19": ("5", 19), "25.5": ("5", Decimal("25.5")), "0 KR": ("6_1", 0), "0 WDT": ("6_2", 0), "0 EX": ("6_3", 0),
    "zw": ("7", 0), "np I": ("8", 0), "np II": ("9", 0), "oo": ("10", 0), "marża": ("11", 0),
}  # fmt: skip
TAXED_HERE = ("1", "2", "3", "4")
TAXED = (*TAXED_HERE, "5")


def rounded(value: Decimal) -> Decimal:
    """Halves away from zero: art. 106e ust. 11."""
    return value.quantize(CENT, ROUND_HALF_UP)


def on_net(net: Decimal, tax: str) -> Decimal:
    return rounded(net * FIELDS[tax][1] / 100)


def in_gross(gross: Decimal, tax: str) -> Decimal:
    return rounded(gross * FIELDS[tax][1] / (100 + Decimal(FIELDS[tax][1])))


class Sums:
    """Net, tax and tax in złoty by field."""

    def __init__(self) -> None:
        self.net: dict[str, Decimal] = defaultdict(Decimal)
        self.vat: dict[str, Decimal] = defaultdict(Decimal)
        self.zloty: dict[str, Decimal] = defaultdict(Decimal)

    def add(self, tax: str, net: Decimal, vat: Decimal) -> None:
        self.net[FIELDS[tax][0]] += net
        self.vat[FIELDS[tax][0]] += vat

    def convert(self, rate: str | None) -> Sums:
        if rate:
            for field in TAXED_HERE:
                if field in self.net:
                    self.zloty[field] = rounded(self.vat[field] * Decimal(rate))
        return self

    def less(self, other: Sums) -> Sums:
        result = Sums()
        for mine, theirs, into in (
            (self.net, other.net, result.net), (self.vat, other.vat, result.vat), (self.zloty, other.zloty, result.zloty)
        ):  # fmt: skip
            for field in mine.keys() | theirs.keys():
                into[field] = mine.get(field, Decimal(0)) - theirs.get(field, Decimal(0))
        return result

    def gross(self) -> Decimal:
        return sum(self.net.values(), Decimal(0)) + sum(self.vat.values(), Decimal(0))

    def plain(self) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
        """Without the fields in which nothing is left."""
        found = {f: (self.net[f], self.vat.get(f, Decimal(0)), self.zloty.get(f, Decimal(0))) for f in list(self.net)}
        return {field: sums for field, sums in found.items() if any(sums)}


class Document:
    """One FA(3) document."""

    def __init__(self, text: str) -> None:
        self.root = etree.fromstring(text.encode())

    def text(self, path: str) -> str | None:
        return self.root.findtext("f:" + path.replace("/", "/f:"), namespaces=NS)

    def amount(self, path: str) -> Decimal | None:
        text = self.text(path)
        return None if text is None else Decimal(text)

    def all(self, path: str) -> list[etree._Element]:
        return self.root.findall("f:" + path.replace("/", "/f:"), NS)

    def sums(self) -> Sums:
        sums = Sums()
        for field, _ in FIELDS.values():
            net = self.amount(f"Fa/P_13_{field}")
            if net is None:
                continue
            sums.net[field] = net
            if field in TAXED:
                sums.vat[field] = self.amount(f"Fa/P_14_{field}")
            if field in TAXED_HERE and self.text("Fa/KodWaluty") != "PLN":
                sums.zloty[field] = self.amount(f"Fa/P_14_{field}W")
        return sums

    def due(self) -> Decimal:
        return self.amount("Fa/P_15")


def child(element: etree._Element, name: str) -> str | None:
    return element.findtext(f"f:{name}", namespaces=NS)


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def value(sold: dict, quantity: str | None = None, price: str | None = None) -> Decimal:
    """Quantity × price less discount."""
    count, each, off = Decimal(quantity or sold["quantity"]), Decimal(price or sold["price"]), Decimal(sold["discount"])
    return rounded(count * (each - off) if sold["off_unit"] else count * each - off)


def sums_of(lines: list[tuple[str, Decimal]], plan: dict) -> Sums:
    """What lines of a tax and a value come to."""
    sums, groups = Sums(), defaultdict(Decimal)
    for tax, worth in lines:
        # Line by line a tax is stated where there is one; else the sum of each rate is taxed once.
        if plan["tax_per_line"] and FIELDS[tax][0] in TAXED:
            vat = in_gross(worth, tax) if plan["gross"] else on_net(worth, tax)
            sums.add(tax, worth - vat if plan["gross"] else worth, vat)
        else:
            groups[tax] += worth
    for tax, worth in groups.items():
        vat = in_gross(worth, tax) if plan["gross"] else on_net(worth, tax)
        sums.add(tax, worth - vat if plan["gross"] else worth, vat)
    return sums


def items(plan: dict) -> list[tuple[str, Decimal]]:
    return [(sold["tax"], value(sold)) for sold in plan["items"]]


def order(plan: dict) -> dict[str, Decimal]:
    """The order with tax, by tax: each line is taxed by itself."""
    groups: dict[str, Decimal] = defaultdict(Decimal)
    for tax, worth in items(plan):
        groups[tax] += worth if plan["gross"] else worth + on_net(worth, tax)
    return groups


def spread(payment: Decimal, plan: dict) -> Sums:
    """A payment over the rates of the order: all but the largest in proportion, the largest takes the rest."""
    groups = order(plan)
    whole = sum(groups.values())
    largest = max(groups.values())
    shares = {tax: rounded(payment * worth / whole) for tax, worth in groups.items()}
    rest = payment - sum(shares.values())
    # Of several largest, the last one met.
    tax = [tax for tax, worth in groups.items() if worth == largest][-1]
    shares[tax] += rest
    sums = Sums()
    for tax, share in shares.items():
        vat = in_gross(share, tax)
        sums.add(tax, share - vat, vat)
    return sums.convert(plan["exchange_rate"])


def add(sums: list[Sums]) -> Sums:
    whole = Sums()
    for one in sums:
        whole = one.less(Sums().less(whole))
    return whole


def changed(plan: dict) -> list[tuple[str, Decimal]]:
    """The lines as they should be."""
    lines = []
    for sold, change in zip(plan["items"], plan["changes"], strict=False):
        match change:
            case "Stays":
                lines.append((sold["tax"], value(sold)))
            case "Falls":
                lines.append((sold["tax"], Decimal(0)))
            case {"Quantity": quantity}:
                lines.append((sold["tax"], value(sold, quantity=quantity)))
            case {"Price": price}:
                lines.append((sold["tax"], value(sold, price=price)))
            case {"Is": other}:
                lines.append((other["tax"], value(other)))
    if plan["added"]:
        lines.append((plan["added"]["tax"], value(plan["added"])))
    return lines


def correction(plan: dict) -> Sums:
    # Whether tax is computed line by line is seen from the corrected invoice, if it has any.
    taxed = any(FIELDS[sold["tax"]][0] in TAXED for sold in plan["items"])
    plan = {**plan, "tax_per_line": plan["tax_per_line"] and taxed}
    difference = sums_of(changed(plan), plan).less(sums_of(items(plan), plan))
    return difference.convert(plan["exchange_rate"])


def expected(plan: dict, documents: list[Document]) -> Sums:
    """The sums of the last document."""
    rate = plan["exchange_rate"]
    match plan["kind"]:
        case "Basic" | "Simplified":
            return sums_of(items(plan), plan).convert(rate)
        case "Advance":
            return add([spread(payment, plan) for payment in payments(documents[-1])])
        case "Settlement":
            return without_zloty(sums_of(items(plan), plan).less(documents[0].sums())).convert(rate)
        case "Correction" | "SettlementCorrection":
            return correction(plan)
        case "Cancellation":
            return Sums().less(documents[0].sums())
        case "AdvanceCorrection":
            earlier, last = documents
            return spread(earlier.due() + last.due(), plan).less(earlier.sums())
        case "AdvancesCorrection":
            right, earlier, _ = documents
            rest = without_zloty(sums_of(items(plan), plan).less(right.sums())).convert(rate)
            return rest.less(earlier.sums())
    raise AssertionError(plan["kind"])


def without_zloty(sums: Sums) -> Sums:
    sums.zloty.clear()
    return sums


def payments(advance: Document) -> list[Decimal]:
    parts = advance.all("Fa/ZaliczkaCzesciowa")
    return [Decimal(child(part, "P_15Z")) for part in parts] or [advance.due()]


@pytest.fixture(scope="module")
def built() -> list[tuple[dict, list[Document], list[str]]]:
    program = mutate.core_example("random_invoices")
    answer = subprocess.run([str(program), "2026", "4000" if FULL else "400"], capture_output=True, check=True)
    read = [json.loads(line) for line in answer.stdout.splitlines()]
    return [(one["plan"], [Document(text) for text in one["documents"]], one["documents"]) for one in read]


def test_every_kind_is_there(built):
    kinds = {plan["kind"] for plan, _, _ in built}
    assert len(kinds) == 9
    codes = {documents[-1].text("Fa/RodzajFaktury") for _, documents, _ in built}
    assert codes == {"VAT", "KOR", "ZAL", "ROZ", "UPR", "KOR_ZAL", "KOR_ROZ"}
    taxes = {sold["tax"] for plan, _, _ in built for sold in plan["items"]}
    assert taxes == set(FIELDS)


def test_every_document_is_legal_by_the_schema(built):
    compiled = schema.compiled()
    for _, documents, _ in built:
        for document in documents:
            compiled.assertValid(document.root)


def test_the_verdict_has_nothing_to_say(built):
    documents = [text.encode() for _, _, texts in built for text in texts]
    verdicts = mutate.our_verdicts(mutate.verdict_program(), documents)
    assert [verdict for verdict in verdicts if verdict["errors"] or verdict["warnings"]] == []


def test_sums_are_those_of_the_lines_and_payments(built):
    for plan, documents, texts in built:
        last = documents[-1]
        assert last.sums().plain() == expected(plan, documents).plain(), (plan, texts[-1])


def test_the_total_is_the_sum_of_net_and_tax(built):
    for _, documents, _ in built:
        for document in documents:
            assert document.due() == document.sums().gross()


def test_lines_are_quantity_times_price_less_discount(built):
    for plan, documents, _ in built:
        if plan["kind"] not in ("Basic", "Simplified", "Settlement"):
            continue
        lines = documents[-1].all("Fa/FaWiersz")
        assert len(lines) == len(plan["items"])
        for line, sold in zip(lines, plan["items"], strict=True):
            assert number(child(line, "P_11A" if plan["gross"] else "P_11")) == value(sold)
            assert (child(line, "P_12") or child(line, "P_12_XII") or "marża") == sold["tax"]


def test_an_order_is_worth_its_lines_with_tax(built):
    for plan, documents, _ in built:
        for document in documents:
            if document.text("Fa/RodzajFaktury") in ("ZAL", "KOR_ZAL"):
                assert document.amount("Fa/Zamowienie/WartoscZamowienia") == sum(order(plan).values())


def test_a_correction_says_what_was_to_pay_before(built):
    for plan, documents, _ in built:
        last = documents[-1]
        if last.text("Fa/RodzajFaktury") in ("KOR_ZAL", "KOR_ROZ"):
            assert last.amount("Fa/P_15ZK") == documents[-2].due()


def test_lines_of_a_correction_come_to_its_net_sums(built):
    for plan, documents, _ in built:
        if plan["kind"] not in ("Correction", "Cancellation"):
            continue
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in documents[-1].all("Fa/FaWiersz"):
            sign = -1 if child(line, "StanPrzed") else 1
            tax = child(line, "P_12") or child(line, "P_12_XII") or "marża"
            sums[FIELDS[tax][0]] += sign * number(child(line, "P_11A" if plan["gross"] else "P_11"))
        stated = documents[-1].sums()
        for field, net in stated.net.items():
            gross = net + stated.vat.get(field, Decimal(0))
            assert sums[field] == (gross if plan["gross"] else net), plan


def test_split_payment_is_marked_where_it_is_mandatory(built):
    for plan, documents, _ in built:
        if plan["kind"] not in ("Basic", "Advance"):
            continue
        last = documents[-1]
        in_zloty = last.due() * Decimal(plan["exchange_rate"] or 1)
        listed = any(sold["annex_15"] for sold in plan["items"])
        has_nip = last.text("Podmiot2/DaneIdentyfikacyjne/NIP") is not None
        expected = in_zloty > 15_000 and listed and has_nip
        assert (last.text("Fa/Adnotacje/P_18A") == "1") == expected, plan
