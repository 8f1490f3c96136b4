"""Conditions, hit counts, log messages and watches: judged without running any code of the program.

lldb evaluates expressions of Rust as if they were C++, and cannot call Rust's methods at all. So here is
a small grammar, as Rust has it: paths, indexes (also of maps by their keys), literals, `! - * &`,
`as`, arithmetic, comparison, `&&` and `||`, and methods that only look.
"""

import re

import lldb

# A text of this many bytes is compared at most.
MAX_TEXT = 1 << 16
# As many elements are looked through for a key.
MAX_SEARCH = 1000
MAX_DEPTH = 8
# A struct is shown in a line up to this many characters, and structs in it.
MAX_PREVIEW = 60
MAX_PREVIEW_DEPTH = 2


class Unknown(Exception):
    """A name that is not there."""


class Wrong(Exception):
    """An expression that is none, or that only running code could answer."""


NONE = object()

# ---- reading ----

TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d[\d_]*(?:\.\d[\d_]*)?(?:[iuf](?:8|16|32|64|128|size))?|0x[0-9a-fA-F_]+)
  | (?P<text>"(?:[^"\\]|\\.)*")
  | (?P<char>'(?:[^'\\]|\\.[^']*)')
  | (?P<name>[A-Za-z_]\w*)
  | (?P<mark>==|!=|<=|>=|&&|\|\||[-+*/%<>!&().\[\],])
)""",
    re.X,
)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", '"': '"', "'": "'"}


def tokens(text):
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        hexadecimal = re.compile(r"\s*(0x[0-9a-fA-F_]+)").match(text, at)
        match = TOKEN.match(text, at)
        if hexadecimal:
            found.append(("number", hexadecimal.group(1)))
            at = hexadecimal.end()
        elif match:
            found.append((match.lastgroup, match.group(match.lastgroup)))
            at = match.end()
        else:
            raise Wrong(text)
    return found


def unescaped(text):
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found.group(1), found.group(1)), text[1:-1])


def number(text):
    if text.startswith("0x"):
        return int(text.replace("_", ""), 16)
    digits = re.sub(r"[iuf](8|16|32|64|128|size)$", "", text).replace("_", "")
    return float(digits) if "." in digits or text.endswith(("f32", "f64")) else int(digits)


LEVELS = [("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%")]


class Reader:
    """Evaluates while it reads; what stands behind a decided `&&` or `||` is read all the same."""

    def __init__(self, frame, text):
        self.frame, self.text, self.left = frame, text, tokens(text)

    def peek(self, *marks):
        return bool(self.left) and self.left[0][0] == "mark" and self.left[0][1] in marks

    def take(self, *marks):
        return self.left.pop(0)[1] if self.peek(*marks) else None

    def need(self, mark):
        if not self.take(mark):
            raise Wrong(self.text)

    def whole(self):
        found = self.binary(0)
        if self.left:
            raise Wrong(self.text)
        return found()

    # Each gives a function that gives the value, so that `a && b` does not look at b in vain.

    def binary(self, level):
        if level == len(LEVELS):
            return self.cast()
        value = self.binary(level + 1)
        while True:
            operator = self.take(*LEVELS[level])
            if not operator:
                return value
            value = applied(operator, value, self.binary(level + 1))

    def cast(self):
        value = self.unary()
        while self.left and self.left[0] == ("name", "as"):
            self.left.pop(0)
            kind = self.left.pop(0)[1] if self.left else ""
            value = cast_to(kind, value)
        return value

    def unary(self):
        if self.take("!"):
            inner = self.unary()
            return lambda: not truth(inner())
        if self.take("-"):
            inner = self.unary()
            return lambda: -scalar(inner())
        if self.take("*", "&"):
            return self.unary()
        return self.postfix()

    def postfix(self):
        value = self.primary()
        while True:
            if self.take("."):
                if not self.left or self.left[0][0] not in ("name", "number"):
                    raise Wrong(self.text)
                value = self.member(value, self.left.pop(0)[1])
            elif self.take("["):
                index = self.binary(0)
                self.need("]")
                value = indexed(value, index)
            else:
                return value

    def member(self, value, name):
        if not self.take("("):
            # `pair.0.1` reads as a number.
            for part in name.split("."):
                value = field_of(value, part)
            return value
        arguments = []
        while not self.take(")"):
            arguments.append(self.binary(0))
            if not self.take(",") and not self.peek(")"):
                raise Wrong(self.text)
        if name not in METHODS or METHODS[name][0] != len(arguments):
            raise Wrong(self.text)
        return lambda: METHODS[name][1](value(), *(argument() for argument in arguments))

    def primary(self):
        if self.take("("):
            value = self.binary(0)
            self.need(")")
            return value
        kind, word = self.left.pop(0) if self.left else ("", "")
        if kind == "number":
            return lambda: number(word)
        if kind in ("text", "char"):
            return lambda: unescaped(word)
        if kind != "name" or word == "as":
            raise Wrong(self.text)
        if word in ("true", "false"):
            return lambda: word == "true"
        if word == "None":
            return lambda: NONE
        if word in ("Some", "Ok", "Err") and self.take("("):
            inner = self.binary(0)
            self.need(")")
            return lambda: (word, inner())
        return lambda: variable(self.frame, word)


def applied(operator, left, right):
    if operator == "&&":
        return lambda: truth(left()) and truth(right())
    if operator == "||":
        return lambda: truth(left()) or truth(right())
    if operator in ("==", "!="):
        return lambda: same(left(), right()) == (operator == "==")
    return lambda: APPLY[operator](scalar(left()), scalar(right()))


APPLY = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    # As Rust's: towards zero, and the remainder has the sign of the dividend.
    "/": lambda a, b: a / b if isinstance(a, float) or isinstance(b, float) else quotient(a, b),
    "%": lambda a, b: a - b * quotient(a, b),
}


def quotient(a, b):
    whole = abs(a) // abs(b)
    return whole if (a < 0) == (b < 0) else -whole


def cast_to(kind, value):
    if re.match(r"^f(32|64)$", kind):
        return lambda: float(scalar(value()))
    found = re.match(r"^([iu])(8|16|32|64|128|size)$", kind)
    if not found:
        raise Wrong(kind)
    bits = 64 if found.group(2) == "size" else int(found.group(2))

    def cut():
        whole = int(scalar(value())) & ((1 << bits) - 1)
        negative = found.group(1) == "i" and whole >> (bits - 1)
        return whole - (1 << bits) if negative else whole

    return cut


# ---- looking ----


def is_value(found):
    return isinstance(found, lldb.SBValue)


def variable(frame, name):
    value = frame.FindVariable(name)
    if not value.IsValid() and name == "self":
        value = frame.FindVariable("this")
    if not value.IsValid():
        raise Unknown(name)
    return value


def behind(value):
    """What a reference, a `Box`, an `Rc` or an `Arc` leads to."""
    for _ in range(MAX_DEPTH):
        kind = value.GetType()
        name = kind.GetName() or ""
        if kind.IsPointerType() or kind.IsReferenceType():
            inner = value.Dereference()
        elif name.startswith(("alloc::rc::Rc<", "alloc::sync::Arc<")):
            inner = value.GetNonSyntheticValue().GetValueForExpressionPath(".ptr.pointer").Dereference()
            inner = inner.GetChildMemberWithName("value" if "Rc<" in name else "data")
        else:
            return value
        if not inner.IsValid() or inner.GetError().Fail():
            return value
        value = inner
    return value


def field_of(value, name):
    def found():
        holder = value()
        if not is_value(holder):
            raise Wrong(name)
        for place in (holder, behind(holder)):
            for known in (name, "__" + name) if name.isdigit() else (name,):
                # Without the formatter: an index of a collection is no field.
                for view in (place, place.GetNonSyntheticValue()):
                    member = view.GetChildMemberWithName(known)
                    if member.IsValid():
                        return member
        raise Unknown(name)

    return found


def indexed(value, index):
    def found():
        holder, key = behind(value()), index()
        if is_value(key):
            key = scalar(key)
        if isinstance(key, int) and "Map<" not in (holder.GetType().GetName() or ""):
            element = holder.GetChildAtIndex(key) if 0 <= key < holder.GetNumChildren() else None
        else:
            element = entry(holder, key)
        if element is None or not element.IsValid():
            raise Unknown("[%s]" % key)
        return element

    return found


def entry(holder, key):
    """The value of a map's entry: its children are pairs."""
    for at in range(min(holder.GetNumChildren(), MAX_SEARCH)):
        pair = holder.GetChildAtIndex(at)
        known, value = (pair.GetChildAtIndex(n) for n in (0, 1))
        if known.IsValid() and value.IsValid() and same(known, key):
            return value
    return None


def variant(value):
    """The name of an enum's variant, such as `None`; empty where a value is no enum."""
    value = behind(value)
    kind = value.GetNonSyntheticValue()
    if kind.GetChildMemberWithName("$variants$").IsValid():
        summary = value.GetSummary() or ""
        found = re.match(r"^\w+", summary)
        return found.group(0) if found else ""
    text = value.GetValue() or ""
    return text.rsplit("::", 1)[-1] if "::" in text else ""


def inside(value):
    """What a variant such as `Some` holds."""
    return behind(value).GetChildAtIndex(0)


def length(value):
    if isinstance(value, str):
        return len(value.encode("utf8"))
    if not is_value(value):
        raise Wrong("len")
    value = behind(value)
    text = text_of(value)
    return len(text.encode("utf8")) if text is not None else value.GetNumChildren()


def text_of(value):
    """The text of a `String`, a `&str` and the like; `None` of anything else."""
    summary = value.GetSummary() or ""
    if summary.startswith('"') and summary.endswith('"'):
        return summary[1:-1]
    return None


def scalar(value):
    """A number, a bool or a text, of a value that is one at its bottom."""
    if not is_value(value):
        if isinstance(value, tuple) or value is NONE:
            raise Wrong("a variant")
        return value
    for _ in range(MAX_DEPTH):
        text = text_of(value)
        if text is not None:
            return text
        value = behind(value)
        found = basic(value)
        if found is not None:
            return found
        if value.GetNumChildren() != 1:
            break
        value = value.GetChildAtIndex(0)
    raise Wrong("not a plain value")


def basic(value):
    kind = value.GetType().GetCanonicalType()
    which = kind.GetBasicType()
    text = text_of(value)
    if text is not None:
        return text
    if which in (lldb.eBasicTypeFloat, lldb.eBasicTypeDouble):
        return float(value.GetValue())
    if which == lldb.eBasicTypeBool:
        return value.GetValueAsUnsigned() != 0
    if which in (lldb.eBasicTypeChar32, lldb.eBasicTypeUnsignedWChar):
        return chr(value.GetValueAsUnsigned())
    if which == lldb.eBasicTypeInvalid or not value.GetValue() or "::" in value.GetValue():
        return None
    if kind.GetTypeFlags() & lldb.eTypeIsSigned:
        return value.GetValueAsSigned()
    return value.GetValueAsUnsigned()


def truth(value):
    found = scalar(value)
    if not isinstance(found, bool):
        raise Wrong("not true or false")
    return found


def same(left, right):
    if is_value(right) and not is_value(left):
        left, right = right, left
    if right is NONE:
        return variant(left) == "None" if is_value(left) else left is NONE
    if isinstance(right, tuple):
        if not is_value(left):
            return isinstance(left, tuple) and left[0] == right[0] and same(left[1], right[1])
        return variant(left) == right[0] and same(inside(left), right[1])
    return scalar(left) == scalar(right)


def text_method(look):
    def found(value, other):
        value, other = scalar(value), scalar(other)
        if not isinstance(value, str):
            raise Wrong("not a text")
        return look(value, other)

    return found


def contains(value, other):
    if not is_value(value) or text_of(behind(value)) is not None:
        return text_method(lambda text, part: part in text)(value, other)
    value = behind(value)
    children = (value.GetChildAtIndex(at) for at in range(min(value.GetNumChildren(), MAX_SEARCH)))
    return any(same(child, other) for child in children)


def contains_key(value, key):
    return entry(behind(value), scalar(key)) is not None


def unwrapped(value):
    if variant(value) not in ("Some", "Ok"):
        raise Unknown("a value inside")
    return inside(value)


def is_variant(*names):
    return lambda value: variant(value) in names


# How many arguments each has, and what it does.
METHODS = {
    "len": (0, length),
    "is_empty": (0, lambda value: length(value) == 0),
    "is_some": (0, is_variant("Some")),
    "is_none": (0, is_variant("None")),
    "is_ok": (0, is_variant("Ok")),
    "is_err": (0, is_variant("Err")),
    "unwrap": (0, unwrapped),
    "as_str": (0, lambda value: value),
    "as_ref": (0, lambda value: value),
    "clone": (0, lambda value: value),
    "to_string": (0, lambda value: str(scalar(value))),
    "abs": (0, lambda value: abs(scalar(value))),
    "contains": (1, contains),
    "contains_key": (1, contains_key),
    "starts_with": (1, text_method(str.startswith)),
    "ends_with": (1, text_method(str.endswith)),
}


# ---- conditions, log messages and watches ----


def compute(frame, text):
    return Reader(frame, text).whole()


def holds(frame, text):
    return truth(compute(frame, text))


COUNT = re.compile(r"^\s*(==|=|>=|>|<=|<|%)?\s*(\d+)\s*$")


def counts_as(rule, hits):
    """Whether the hit of this number, from 1 on, stops: `5` and `>= 5` from the fifth on, `== 5`, `% 5`."""
    found = COUNT.match(rule)
    if not found:
        return True
    operator, wanted = found.group(1) or ">=", int(found.group(2))
    if operator == "%":
        return wanted == 0 or hits % wanted == 0
    return {"=": hits == wanted, "==": hits == wanted}.get(operator) or (
        operator in ("<", "<=", ">", ">=") and APPLY[operator](hits, wanted)
    )


def shown(frame, text):
    """What a log message has in place of `{text}`."""
    try:
        found = compute(frame, text)
    except Exception:
        return "{%s?}" % text
    text = found if isinstance(found, str) else None
    if is_value(found):
        text = text_of(behind(found))
    return text if text is not None else told(found)


def told(found, depth=0):
    """A value in one line, as a watch shows it."""
    if found is NONE:
        return "None"
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, str):
        return '"%s"' % found
    if isinstance(found, tuple):
        return "%s(%s)" % (found[0], told(found[1], depth))
    if not is_value(found):
        return str(found)
    value = behind(found)
    text = text_of(value)
    plain = basic(value)
    if text is not None or plain is not None:
        return told(text if text is not None else plain)
    return value.GetSummary() or value.GetValue() or preview(value, depth)


def preview(value, depth=0):
    """A struct in one line: `User { id: 7, name: "Ann", .. }`."""
    name = short(value.GetTypeName() or "")
    count = value.GetNumChildren()
    if not count or depth >= MAX_PREVIEW_DEPTH:
        return name
    fields, width = [], 0
    for at in range(count):
        field = value.GetChildAtIndex(at)
        text = told(field, depth + 1)
        label = field.GetName() or ""
        is_tuple = label.strip("_").isdigit()
        fields.append(text if is_tuple else "%s: %s" % (label, text))
        width += len(fields[-1])
        if width > MAX_PREVIEW and at + 1 < count:
            fields.append("..")
            break
    marks = "%s(%s)" if is_tuple else "%s { %s }"
    return marks % (name, ", ".join(fields))


def short(kind):
    """A type's name without the modules around it, and without what it is made of."""
    return kind.partition("<")[0].rsplit("::", 1)[-1].rstrip(" *")


def previews(frame):
    """What can be said in a line of a frame's structs, by their names."""
    shown = {}
    for variable in frame.GetVariables(True, True, False, True):
        inner = behind(variable)
        is_struct = not inner.GetSummary() and inner.GetValue() is None and inner.GetNumChildren()
        if is_struct and not (variable.GetName() or "_").startswith("_"):
            mark = "&" if variable.GetType().IsPointerType() else ""
            shown[variable.GetName()] = mark + preview(inner)
    return shown


def value(frame, text):
    """What a watch shows for an expression, and a name under which lldb knows it, to be opened."""
    try:
        found = compute(frame, text)
        answer = {"value": told(found)}
        if is_value(found):
            inner = behind(found)
            answer["type"] = inner.GetTypeName()
            if inner.MightHaveChildren() and inner.GetNumChildren() and text_of(inner) is None:
                answer["name"] = inner.Persist().GetName()
        return answer
    except Unknown as missing:
        return {"error": "there is no `%s` here" % missing.args[0]}
    except ZeroDivisionError:
        return {"error": "this divides by zero"}
    except Exception:
        words = "a watch knows paths, indexes, comparison, arithmetic, and methods that only look"
        return {"error": "`%s` cannot be evaluated: %s, such as .len()" % (text, words)}
