"""The OpenAPI contract as a judge of recorded exchanges."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema

from harness.recorder import Exchange
from harness.reference import openapi_file

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)")
_FORMATS = jsonschema.FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_instant(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not _INSTANT.fullmatch(value):
        return False
    try:
        # Seven fraction digits are legal here; the standard library knows six.
        datetime.fromisoformat(re.sub(r"\.\d+", "", value).replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


@_FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@_FORMATS.checks("byte", raises=binascii.Error)
def _is_base64(value: object) -> bool:
    return not isinstance(value, str) or base64.b64encode(base64.b64decode(value, validate=True)).decode() == value


@_FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or all(urlsplit(value)[:2])


@_FORMATS.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@_FORMATS.checks("int64")
def _is_int64(value: object) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63


@dataclass(frozen=True)
class Operation:
    """One method of one path template, with what the request filled into the template."""

    name: str
    definition: dict
    path_values: dict[str, str]


class Contract:
    """Everything the published API file says about one exchange."""

    def __init__(self) -> None:
        document = json.loads(openapi_file().read_text(encoding="utf-8"))
        self.paths: dict[str, dict] = document["paths"]
        self.schemas: dict[str, dict] = document["components"]["schemas"]
        self._components = {"schemas": {name: _as_json_schema(body) for name, body in self.schemas.items()}}

    def operation(self, method: str, path: str) -> Operation | None:
        """The documented operation a request means; literal segments win over templates."""
        segments = path.strip("/").split("/")
        candidates = []
        for template, methods in self.paths.items():
            names = template.strip("/").split("/")
            if len(names) != len(segments) or method.lower() not in methods:
                continue
            pairs = list(zip(names, segments, strict=True))
            if all(name.startswith("{") or name == segment for name, segment in pairs):
                values = {name[1:-1]: unquote(segment) for name, segment in pairs if name.startswith("{")}
                candidates.append(Operation(template, methods[method.lower()], values))
        return min(candidates, key=lambda found: len(found.path_values), default=None)

    def complaints(self, exchange: Exchange, base: str) -> list[str]:
        """What is wrong with a request or its answer; `base` is the path of the API's root."""
        return self.request_complaints(exchange, base) + self.answer_complaints(exchange, base)

    def request_complaints(self, exchange: Exchange, base: str) -> list[str]:
        """What is wrong with a request."""
        operation = self.operation(exchange.method, exchange.path.removeprefix(base))
        if operation is None:
            return [f"{exchange}: no such operation"]
        return [f"{exchange}: {complaint}" for complaint in self._request(exchange, operation)]

    def answer_complaints(self, exchange: Exchange, base: str) -> list[str]:
        """What is wrong with an answer."""
        operation = self.operation(exchange.method, exchange.path.removeprefix(base))
        if operation is None:
            return []
        return [f"{exchange}: {complaint}" for complaint in self._answer(exchange, operation)]

    def value_complaints(self, schema: dict, value: object) -> list[str]:
        """What is wrong with a value under a schema of the contract, properties nobody documented included."""
        validator = jsonschema.Draft4Validator(
            {"allOf": [_as_json_schema(schema)], "components": self._components}, format_checker=_FORMATS
        )
        errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
        return errors + [f"{path}: not in the contract" for path in self._undocumented(schema, value, "$")]

    def _request(self, exchange: Exchange, operation: Operation):
        definition = operation.definition
        token = exchange.header("authorization")
        if definition.get("security"):
            if not token or not re.fullmatch(r"Bearer [\w.~+/=-]+", token):
                yield "no bearer token"
        elif token:
            yield "a token where none is asked for"
        documented = {(p["in"], p["name"].lower()): p for p in definition.get("parameters", [])}
        given = {("path", name.lower()): [value] for name, value in operation.path_values.items()}
        for name, value in parse_qsl(exchange.query, keep_blank_values=True, strict_parsing=bool(exchange.query)):
            given.setdefault(("query", name.lower()), []).append(value)
            if not any(p["in"] == "query" and p["name"] == name for p in definition.get("parameters", [])):
                yield f"query parameter {name} is not in the contract"
        for place, name in documented:
            if place == "header" and exchange.header(name) is not None:
                given["header", name] = [exchange.header(name)]
        for key, parameter in documented.items():
            if key not in given:
                if parameter.get("required"):
                    yield f"{key[0]} parameter {key[1]} is missing"
                continue
            value = _from_text(self._resolved(parameter["schema"]), given[key], self)
            for complaint in self.value_complaints(parameter["schema"], value):
                yield f"{key[0]} parameter {key[1]}: {complaint}"
        body = definition.get("requestBody")
        if body is None:
            if exchange.request_body:
                yield "a body where none is asked for"
            return
        yield from self._body("request", body["content"], exchange.header("content-type"), exchange.request_body)

    def _answer(self, exchange: Exchange, operation: Operation):
        answer = operation.definition["responses"].get(str(exchange.status))
        if answer is None:
            yield f"status {exchange.status} is not in the contract"
            return
        if exchange.status == 429 and not (exchange.answer_header("retry-after") or "").isdigit():
            yield "429 without Retry-After in seconds"
        content = answer.get("content")
        if not content:
            if exchange.answer_body:
                yield f"a body with status {exchange.status}"
            return
        yield from self._body("answer", content, exchange.answer_header("content-type"), exchange.answer_body)

    def _body(self, side: str, content: dict, media_type: str | None, body: bytes):
        kind = (media_type or "").split(";")[0].strip().lower()
        if kind not in content:
            yield f"{side} of type {media_type!r}, not one of {sorted(content)}"
            return
        if not kind.endswith("json"):
            if not body:
                yield f"{side} is empty"
            return
        try:
            value = json.loads(body)
        except ValueError:
            yield f"{side} is not JSON"
            return
        for complaint in self.value_complaints(content[kind]["schema"], value):
            yield f"{side}: {complaint}"

    def _resolved(self, schema: dict) -> dict:
        while True:
            if "$ref" in schema:
                schema = self.schemas[schema["$ref"].rsplit("/", 1)[-1]]
            elif "type" not in schema and len(schema.get("allOf", [])) == 1:
                schema = schema["allOf"][0]
            else:
                return schema

    def _undocumented(self, schema: dict, value: object, path: str):
        parts = list(self._parts(schema))
        if isinstance(value, list):
            for items in (part["items"] for part in parts if "items" in part):
                for index, item in enumerate(value):
                    yield from self._undocumented(items, item, f"{path}[{index}]")
        if not isinstance(value, dict):
            return
        properties = {name: sub for part in parts for name, sub in part.get("properties", {}).items()}
        free = [part["additionalProperties"] for part in parts if part.get("additionalProperties")]
        for name, item in value.items():
            if name in properties:
                yield from self._undocumented(properties[name], item, f"{path}.{name}")
            elif not free and properties:
                yield f"{path}.{name}"

    def _parts(self, schema: dict):
        if "$ref" in schema:
            yield from self._parts(self.schemas[schema["$ref"].rsplit("/", 1)[-1]])
            return
        yield schema
        for part in schema.get("allOf", []):
            yield from self._parts(part)


def _as_json_schema(schema: object) -> object:
    """OpenAPI 3.0's dialect in JSON Schema draft 4: they differ in `nullable`."""
    if isinstance(schema, list):
        return [_as_json_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _as_json_schema(value) for key, value in schema.items() if key not in ("nullable", "example", "default")}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


def _from_text(schema: dict, texts: list[str], contract: Contract) -> object:
    if schema.get("type") == "array":
        return [_from_text(contract._resolved(schema["items"]), [text], contract) for text in texts]
    text = texts[-1]
    if schema.get("type") in ("integer", "number") and re.fullmatch(r"-?\d+", text):
        return int(text)
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    return text
