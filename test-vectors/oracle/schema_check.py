"""The part of JSON Schema 2020-12 that schema.json uses, and nothing else: an unknown keyword is an error."""

import re

ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "null": type(None)}


def faults(value, root):
    """Where and why `value` breaks the schema; empty when it holds."""
    return list(_faults(value, root, root, "$"))


def _is(value, name):
    return isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))


def _equal(a, b):
    return a == b and type(a) is type(b)


def _faults(value, schema, root, at):
    for keyword, rule in schema.items():
        if keyword in ANNOTATIONS or keyword == "additionalProperties":
            continue
        yield from KEYWORDS[keyword](value, rule, root, at)
    if schema.get("additionalProperties", True) is False and isinstance(value, dict):
        for name in value.keys() - schema["properties"].keys():
            yield "%s: unknown field %s" % (at, name)


def _ref(value, rule, root, at):
    yield from _faults(value, root["$defs"][rule[len("#/$defs/"):]], root, at)


def _type(value, rule, root, at):
    if not any(_is(value, name) for name in ([rule] if isinstance(rule, str) else rule)):
        yield "%s: not of type %s" % (at, rule)


def _one_of(value, rule, root, at):
    failed = [list(_faults(value, option, root, at)) for option in rule]
    if sum(not faults for faults in failed) != 1:
        yield "%s: fits %d of %d forms; nearest: %s" % (
            at, sum(not faults for faults in failed), len(rule), min(failed, key=len)[:3])


def _any_of(value, rule, root, at):
    if all(any(_faults(value, option, root, at)) for option in rule):
        yield "%s: fits no form" % at


def _properties(value, rule, root, at):
    if isinstance(value, dict):
        for name in value.keys() & rule.keys():
            yield from _faults(value[name], rule[name], root, at + "." + name)


def _items(value, rule, root, at):
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from _faults(item, rule, root, "%s[%d]" % (at, i))


def _dependent(value, rule, root, at):
    for name, others in rule.items():
        if name in value and not all(other in value for other in others):
            yield "%s: %s alone" % (at, name)


def _simple(holds):
    def keyword(value, rule, root, at):
        if not holds(value, rule):
            yield "%s: breaks %r" % (at, rule)
    return keyword


def _sized(kind, holds):
    return _simple(lambda value, rule: not isinstance(value, kind) or holds(value, rule))


KEYWORDS = {
    "$ref": _ref,
    "type": _type,
    "oneOf": _one_of,
    "anyOf": _any_of,
    "properties": _properties,
    "items": _items,
    "dependentRequired": _dependent,
    "const": _simple(_equal),
    "enum": _simple(lambda value, rule: any(_equal(value, option) for option in rule)),
    "required": _sized(dict, lambda value, rule: all(name in value for name in rule)),
    "pattern": _sized(str, lambda value, rule: re.search(rule, value) is not None),
    "minLength": _sized(str, lambda value, rule: len(value) >= rule),
    "maxLength": _sized(str, lambda value, rule: len(value) <= rule),
    "minItems": _sized(list, lambda value, rule: len(value) >= rule),
    "maxItems": _sized(list, lambda value, rule: len(value) <= rule),
    "minimum": _sized(int, lambda value, rule: value >= rule),
    "maximum": _sized(int, lambda value, rule: value <= rule),
}
