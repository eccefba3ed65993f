"""Legal texts for every simple type of the FA(3) schema: each enumerated value, and the edges of all others."""

from __future__ import annotations

# Texts for every pattern of the schema, one for each of its alternatives; a new pattern is a KeyError here.
_NIP = "[1-9]((\\d[1-9])|([1-9]\\d))\\d{7}"
_BY_PATTERN = {
    r"(.)+@(.)+": ["a@b", "biuro@example.pl", "zamówienia+2026@piekarnia.example", "x" * 243 + "@example.org", "a b@c@d"],
    _NIP: ["5265877635", "1111111111", "9109999999", "1010000000"],
    _NIP + r"-\d{5}": ["5265877635-00001", "9999999999-99999"],
    r"(\d|[A-Z]|\+|\*){1,12}": ["1", "Z", "+", "*", "ATU1234567+*", "123456789012"],
    r"\d{10}": ["0000417325", "9999999999"],
    r"\d{9}": ["101482996", "000000000"],
    r"\d{14}": ["10148299600000", "99999999999999"],
    r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3}){0,1}": ["BPKOPLPW", "BPKOPLPWXXX", "ABCDEF09", "ABCDEF09123"],
    r"[0-9]{3}[a-zA-Z0-9]{10}": ["123abcDEF4567", "0000000000000", "999ZZZZZZZZZZ"],
}
_NUMBER_IN_KSEF = [
    "5265877635-20250826-0100001AF629-AF",
    "5265877635-20201231-010000-1AF629-00",
    "M123456789-21000101-FFFFFFFFFFFF-FF",
    "ABC1234567-30000930-000000-000000-0A",
]
_LINK = [
    "http://a.pl?IPKSeF=123abcDEF4567",
    "https://pay.example.pl/zapłać/x?IPKSeF=123abcDEF4567",
    "https://a-b.c1.example.pl:65535/?a=1&b=&IPKSeF=000aaaaaaaaaa&c=d&&#e f?#",
    "https://pay.example.pl?x=%20&IPKSeF=999ZZZZZZZZZZ#",
]
# What is written differently in XML than it reads, and what is more than one byte or one UTF-16 unit long.
_MARKUP = "R&D <b>\"'</b> ]]> &amp;"
_LETTERS = "Zażółć gęślą jaźń – „Łódź” ½ € 😀 e\u0301 a\u00a0b"
_DIGITS = "1234567890123456"


def of(primitive: str, facets: dict[str, list[str]]) -> list[str]:
    """Legal texts, each once. `facets` are those of all derivations, by name, the innermost type's winning."""
    if "enumeration" in facets:
        return list(facets["enumeration"])
    if primitive == "date":
        return _unique([_one(facets, "minInclusive"), _one(facets, "maxInclusive"), *_DAYS])
    if primitive == "dateTime":
        return _unique([_one(facets, "minInclusive"), _one(facets, "maxInclusive"), *_INSTANTS])
    if primitive == "decimal":
        return _percentages(facets) if "maxInclusive" in facets else _decimals(facets)
    if primitive == "nonNegativeInteger":
        digits = int(_one(facets, "totalDigits"))
        return [_DIGITS[:length] for length in range(1, digits + 1)] + ["9" * digits]
    if primitive == "integer":
        # libxml2 knows no integer of more than 24 digits.
        return ["0", "1", "-1", "14", "30", "9" * 19, "-" + "9" * 24]
    if "pattern" in facets:
        return _matching(_one(facets, "pattern"))
    least, most = int(_one(facets, "minLength")), int(_one(facets, "maxLength"))
    return _words(least, most, collapses=primitive == "token", replaces=facets.get("whiteSpace") == ["replace"])


_DAYS = ["2024-02-29", "2026-03-29", "2026-11-20", "2027-12-31", "2028-01-01"]
_INSTANTS = [
    "2026-11-20T08:15:30Z", "2026-11-20T08:15:30.1Z", "2026-11-20T08:15:30.1234567+01:00", "2028-02-29T00:00:00-11:30",
    "2030-01-01T00:00:00", "2026-12-31T24:00:00Z", "2027-06-30T23:59:59.999+14:00", "2027-06-30T00:00:00-00:00",
]  # fmt: skip


def _decimals(facets) -> list[str]:
    """Every number of digits before the point with every number after it."""
    after = int(_one(facets, "fractionDigits"))
    before = int(_one(facets, "totalDigits")) - after
    numbers = ["0", "-0", "0." + "0" * after, "-0." + "0" * (after - 1) + "1", "1." + "0" * after, "9" * before + "." + "9" * after]
    for whole in range(1, before + 1):
        for fraction in range(after + 1):
            sign = "-" if (whole + fraction) % 5 == 0 else ""
            point = "." if fraction else ""
            numbers.append(sign + _DIGITS[:whole] + point + "2468135790"[:fraction])
    return _unique(numbers)


def _percentages(facets) -> list[str]:
    after = int(_one(facets, "fractionDigits"))
    numbers = ["0", "0.0", "100", "100.0", "100." + "0" * after, "0." + "0" * (after - 1) + "1", "99." + "9" * after]
    for whole in ("4", "19"):
        numbers += [whole] + [whole + "." + "5432165"[:fraction] for fraction in range(1, after + 1)]
    return _unique(numbers)


def _matching(pattern: str) -> list[str]:
    if pattern in _BY_PATTERN:
        return list(_BY_PATTERN[pattern])
    if pattern.startswith("([1-9](("):
        return list(_NUMBER_IN_KSEF)
    if pattern.startswith("(https?)://"):
        fill = 512 - len(_LINK[0]) - 1
        return [*_LINK, _LINK[0] + "#" + "x" * fill]
    raise KeyError(pattern)


def _words(least: int, most: int, *, collapses: bool, replaces: bool) -> list[str]:
    words = ["x" * least, "x" * (least + 1), "ż" * most, "😀" * (most - 1), "a" + " b" * ((most - 1) // 2)]
    words += [text[:most].strip() for text in (_MARKUP, _LETTERS)]
    if not collapses:
        # What stands there counts, white space too.
        words += ["  x  " + "y" * least, " " * least]
        words += ["" if replaces else "a\nb\tc\n\n" + "d" * least]
    return _unique(word for word in words if least <= len(word) <= most)


def _one(facets: dict[str, list[str]], name: str) -> str:
    (value,) = facets[name]
    return value


def _unique(texts) -> list[str]:
    return list(dict.fromkeys(texts))
