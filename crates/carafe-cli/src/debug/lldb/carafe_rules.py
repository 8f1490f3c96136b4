"""Conditions, log messages and watches: paths, comparison and arithmetic, judged without running code.

lldb evaluates expressions of Rust as if they were C++, and cannot call Rust's methods at all.
"""

import json
import re

import lldb


def shown(frame, path):
    try:
        value = operand(frame, path)
    except Exception:
        return "{%s?}" % path
    return value if isinstance(value, str) else json.dumps(value)


OPERATORS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
COMPARISON = re.compile(r"^(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+)$")
PATH = re.compile(r"^[A-Za-z_]\w*(?:\.\w+|\[\d+\])*$")
NUMBER = re.compile(r"^-?\d[\d_]*(?:\.\d+)?(?:[iuf](?:8|16|32|64|128|size))?$")


def holds(frame, text):
    if "||" in text:
        return any(holds(frame, part) for part in text.split("||"))
    if "&&" in text:
        return all(holds(frame, part) for part in text.split("&&"))
    text = text.strip()
    found = COMPARISON.match(text)
    if found:
        left, operator, right = found.groups()
        return OPERATORS[operator](operand(frame, left.strip()), operand(frame, right.strip()))
    if text.startswith("!"):
        return not operand(frame, text[1:].strip())
    return bool(operand(frame, text))


def operand(frame, text):
    if text in ("true", "false"):
        return text == "true"
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1]
    if NUMBER.match(text):
        digits = re.sub(r"[iuf](8|16|32|64|128|size)$", "", text).replace("_", "")
        return float(digits) if "." in digits else int(digits)
    length = text.endswith((".len()", ".is_empty()", ".is_some()", ".is_none()"))
    path, method = text.rsplit(".", 1) if length else (text, None)
    path = path.lstrip("*&")
    if not PATH.match(path):
        raise ValueError(text)
    value = find(frame, path)
    if method == "len()":
        return len_of(value)
    if method == "is_empty()":
        return len_of(value) == 0
    if method in ("is_some()", "is_none()"):
        is_none = (value.GetSummary() or "").startswith("None")
        return is_none == (method == "is_none()")
    return plain(value)


def find(frame, path):
    parts = re.findall(r"\w+|\[\d+\]", path)
    value = frame.FindVariable(parts[0])
    for part in parts[1:]:
        value = child(value, part)
    if not value.IsValid():
        raise KeyError(path)
    return value


def child(value, part):
    if value.GetType().IsPointerType() or value.GetType().IsReferenceType():
        inner = value.Dereference()
        value = inner if inner.IsValid() else value
    if part.startswith("["):
        return value.GetChildAtIndex(int(part[1:-1]))
    named = value.GetChildMemberWithName(part)
    if not named.IsValid() and part.isdigit():
        named = value.GetChildMemberWithName("__" + part)
    return named


def len_of(value):
    summary = value.GetSummary() or ""
    if summary.startswith('"'):
        return len(summary[1:-1].encode("utf8"))
    return value.GetNumChildren()


def plain(value):
    """A number, a bool or a text, of a value that is one at its bottom."""
    summary = value.GetSummary() or ""
    if summary.startswith('"'):
        return summary[1:-1]
    kind = value.GetType().GetCanonicalType()
    if kind.IsReferenceType() or kind.IsPointerType():
        return plain(value.Dereference())
    basic = kind.GetBasicType()
    if basic in (lldb.eBasicTypeFloat, lldb.eBasicTypeDouble):
        return float(value.GetValue())
    if basic == lldb.eBasicTypeBool:
        return value.GetValue() == "true"
    if value.GetValue() is None:
        if value.GetNumChildren() == 1:
            return plain(value.GetChildAtIndex(0))
        raise ValueError("not a plain value")
    if kind.GetTypeFlags() & lldb.eTypeIsSigned:
        return value.GetValueAsSigned()
    return value.GetValueAsUnsigned()


# ---- watches ----

ARITHMETIC = re.compile(r"^(.+?)\s*([+\-*/%])\s*([^+\-*/%]+)$")
APPLY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if isinstance(a, float) else int(a / b),
    "%": lambda a, b: a - b * int(a / b),
}


def compute(frame, text):
    """A path, a method that needs no code to run, arithmetic, or a comparison of these."""
    text = text.strip()
    if "||" in text or "&&" in text or text.startswith("!") or COMPARISON.match(text):
        return holds(frame, text)
    found = ARITHMETIC.match(text)
    if found and not NUMBER.match(text):
        left, operator, right = found.groups()
        return APPLY[operator](compute(frame, left), compute(frame, right))
    return operand(frame, text)


def value(frame, text):
    """What a watch shows for an expression."""
    try:
        found = compute(frame, text)
        text = "true" if found is True else "false" if found is False else str(found)
        return {"value": '"%s"' % found if isinstance(found, str) else text}
    except KeyError as missing:
        return {"error": "there is no `%s` here" % missing.args[0]}
    except ZeroDivisionError:
        return {"error": "this divides by zero"}
    except Exception:
        words = "a watch knows paths, indexes, .len(), .is_empty(), .is_some(), .is_none(), "
        words += "comparison and arithmetic"
        return {"error": "`%s` cannot be evaluated: %s" % (text, words)}
