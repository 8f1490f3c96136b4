"""What lldb needs to show Rust's values right, and to decide for itself whether to stop.

Loaded into lldb-dap before the program starts. It stands on the formatters that come with rustc and
mends them; see `lldb.rs` for how it is used.
"""

import json
import os
import re

import lldb

# A garbage length must not become a read of gigabytes.
MAX_TEXT = 4096
MAX_CHILDREN = 1000
MAX_BUCKETS = 1 << 16
MAX_DEPTH = 14


def __lldb_init_module(debugger, _internal):
    etc = os.environ["CARAFE_TOOL_RUST_ETC"]
    debugger.HandleCommand('command script import "%s/lldb_lookup.py"' % etc)
    debugger.HandleCommand('command source -s 1 "%s/lldb_commands"' % etc)
    import lldb_lookup
    import lldb_providers

    lldb_providers.ClangEncodedEnumProvider._getCurrentVariantIndex = variant_index
    for module in (lldb_lookup, lldb_providers):
        module.StdStringSummaryProvider = string_summary
        module.StdStrSummaryProvider = str_summary
    guard_hash_map(lldb_providers.StdHashMapSyntheticProvider)
    for name in ("Vec", "Slice", "VecDeque", "HashMap", "String"):
        clamp_children(getattr(lldb_providers, "Std%sSyntheticProvider" % name))


def tell(answer):
    """Answers `lldb.rs`; the mark tells it from what people are to see."""
    print("carafe-lldb " + json.dumps(answer))


# ---- enums ----


def is_pointer_at(kind, offset, depth=0):
    """Whether the field at a byte offset of a type is, at its bottom, a pointer."""
    kind = kind.GetCanonicalType()
    if kind.IsPointerType() or kind.IsReferenceType():
        return True
    if depth > MAX_DEPTH:
        return False
    for field in kind.get_fields_array():
        start, inner = field.GetOffsetInBytes(), field.GetType()
        if inner.GetByteSize() and start <= offset < start + inner.GetByteSize():
            return is_pointer_at(inner, offset - start, depth + 1)
    return False


def variant_index(_self, variants):
    """Which variant an enum is.

    lldb before 23 keeps 32 bits of a 64-bit discriminant (llvm PR 188487). Where the niche lies in a
    capacity, whose free values begin at 2^63, a small number that equals the cut one is a value of
    the variant without a discriminant of its own.
    """
    default, hit = None, None
    for index in range(variants.GetNumChildren()):
        variant = variants.GetChildAtIndex(index)
        tag = variant.GetChildMemberWithName("$discr$")
        if not tag.IsValid():
            default = index
            continue
        number = variant.GetName().rsplit("$", 1)[-1]
        found = tag.GetValueAsUnsigned()
        if number.isdigit() and (found & 0xFFFFFFFF) == (int(number) & 0xFFFFFFFF):
            hit = (index, tag, found, int(number))
    if hit is None:
        return default if default is not None else 0
    index, tag, found, number = hit
    if default is not None and tag.GetByteSize() == 8 and found == number and found < 1 << 32:
        value = variants.GetChildAtIndex(default).GetChildMemberWithName("value")
        offset = tag.GetLoadAddress() - value.GetLoadAddress()
        if offset >= 0 and not is_pointer_at(value.GetType(), offset):
            return default
    return index


# ---- text and collections ----


def quoted(pointer, length, process):
    if length == 0:
        return '""'
    error = lldb.SBError()
    data = process.ReadMemory(pointer, min(length, MAX_TEXT), error)
    if not error.Success() or data is None:
        return "<not initialised, or moved away>"
    text = '"%s"' % data.decode("utf8", "replace")
    return text if length <= MAX_TEXT else "%s... (%d bytes)" % (text, length)


def string_summary(value, _internal):
    vector = value.GetNonSyntheticValue().GetChildMemberWithName("vec").GetNonSyntheticValue()
    pointer = vector
    for name in ("buf", "inner", "ptr", "pointer", "pointer"):
        pointer = pointer.GetChildMemberWithName(name)
    length = vector.GetChildMemberWithName("len").GetValueAsUnsigned()
    return quoted(pointer.GetValueAsUnsigned(), length, value.GetProcess())


def str_summary(value, _internal):
    value = value.GetNonSyntheticValue()
    pointer = value.GetChildMemberWithName("data_ptr").GetValueAsUnsigned()
    length = value.GetChildMemberWithName("length").GetValueAsUnsigned()
    return quoted(pointer, length, value.GetProcess())


def guard_hash_map(provider):
    """A map that was moved away holds garbage, in which the stock provider looks for ever."""
    update = provider.update

    def guarded(self):
        self.size, self.valid_indices = 0, []
        try:
            table = self.table().GetChildMemberWithName("table")
            mask = table.GetChildMemberWithName("bucket_mask").GetValueAsUnsigned()
            items = table.GetChildMemberWithName("items").GetValueAsUnsigned()
            if mask + 1 > MAX_BUCKETS or mask & (mask + 1) or items > mask + 1:
                return
            update(self)
            self.size = min(self.size, len(self.valid_indices))
        except Exception:
            self.size, self.valid_indices = 0, []

    child_at = provider.get_child_at_index

    def guarded_child(self, index):
        return child_at(self, index) if index < len(self.valid_indices) else None

    provider.update, provider.get_child_at_index = guarded, guarded_child


def clamp_children(provider):
    count = provider.num_children
    provider.num_children = lambda self, *rest: min(count(self), MAX_CHILDREN)


# ---- breakpoints ----


def collapse(breakpoint_id):
    """Leaves one place of a line switched on in each function: a line may have several."""
    target = lldb.debugger.GetSelectedTarget()
    point = target.FindBreakpointByID(breakpoint_id)
    seen = set()
    places = sorted(point.locations, key=lambda place: place.GetLoadAddress())
    for place in places:
        function = place.GetAddress().GetFunction()
        start = function.GetStartAddress().GetLoadAddress(target)
        place.SetEnabled(not function.IsValid() or start not in seen)
        seen.add(start)
    tell({"places": len(places), "functions": len(seen)})


# What was asked of each breakpoint, by its id.
RULES = {}


def learn(breakpoint_id, rule):
    """Lets a rule decide whether a breakpoint stops: `expression`, `message`, `future`."""
    RULES[breakpoint_id] = rule
    point = lldb.debugger.GetSelectedTarget().FindBreakpointByID(breakpoint_id)
    point.SetScriptCallbackFunction("carafe_lldb.decide", lldb.SBStructuredData())
    tell(breakpoint_id)


def decide(frame, place, _extra, _internal):
    """lldb asks this at each hit of a breakpoint that has a rule."""
    rule = RULES.get(place.GetBreakpoint().GetID(), {})
    stops = applies(frame, rule)
    if stops and rule.get("message"):
        fill = lambda found: shown(frame, found.group(1).strip())
        print(re.sub(r"\{([^{}]+)\}", fill, rule["message"]))
        return False
    return stops


def applies(frame, rule):
    """A condition that cannot be judged holds, so that it is seen."""
    if rule.get("future") and future_address(frame) != rule["future"]:
        return False
    try:
        return not rule.get("expression") or holds(frame, rule["expression"])
    except Exception:
        return True


def judge():
    """Tells which threads have a reason to be stopped.

    When one thread stops, lldb 19 also reports others that are at a breakpoint just then, without
    having asked for their conditions.
    """
    threads = []
    for thread in lldb.debugger.GetSelectedTarget().GetProcess():
        reason = thread.GetStopReason()
        if reason in (lldb.eStopReasonNone, lldb.eStopReasonInvalid):
            continue
        if reason == lldb.eStopReasonBreakpoint:
            ids = range(0, thread.GetStopReasonDataCount(), 2)
            rules = [RULES.get(thread.GetStopReasonDataAtIndex(at), {}) for at in ids]
            frame = thread.GetFrameAtIndex(0)
            if not any(applies(frame, rule) and not rule.get("message") for rule in rules):
                continue
        threads.append(thread.GetThreadID())
    tell(threads)


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


# ---- asynchronous functions ----


def future_address(frame):
    """Where the future of an `async fn` lies: its code gets it as its first argument, pinned."""
    for variable in frame.GetVariables(True, False, False, True):
        kind = variable.GetType().GetName() or ""
        if "async_fn_env" in kind or "async_block_env" in kind:
            pointer = variable
            while pointer.GetNumChildren() == 1 and not pointer.GetType().IsPointerType():
                pointer = pointer.GetChildAtIndex(0)
            return pointer.GetValueAsUnsigned()
    return 0


# The breakpoints of the step that is under way.
STEP = []


def selected_thread():
    return lldb.debugger.GetSelectedTarget().GetProcess().GetSelectedThread()


def lines_of(frame):
    """The lines of the function around a frame, in the file where it stands."""
    target = frame.GetThread().GetProcess().GetTarget()
    here = frame.GetLineEntry().GetFileSpec().fullpath
    lines = set()
    for instruction in frame.GetFunction().GetInstructions(target):
        entry = instruction.GetAddress().GetLineEntry()
        if entry.GetLine() and entry.GetFileSpec().fullpath == here:
            lines.add(entry.GetLine())
    return lines


def plan(indexes):
    """Notes, for the app's frames of the selected thread, where a step may come out again."""
    notes = []
    for index in indexes:
        frame = selected_thread().GetFrameAtIndex(index)
        line = frame.GetLineEntry().GetLine()
        notes.append(
            {
                "file": frame.GetLineEntry().GetFileSpec().fullpath,
                "function": frame.GetFunction().GetName(),
                "line": line,
                # Not where it is, nor the signature, which every poll of a future passes.
                "lines": [found for found in sorted(lines_of(frame))[1:] if found != line],
                "future": future_address(frame),
            }
        )
    tell(notes)


def expect(notes):
    """Sets breakpoints for a step on the lines that were noted; gives how many places they have."""
    target = lldb.debugger.GetSelectedTarget()
    places = 0
    for note in notes:
        for line in note["lines"]:
            point = target.BreakpointCreateByLocation(note["file"], line)
            STEP.append(point.GetID())
            # A parallel request that passes here does not take the step.
            RULES[point.GetID()] = {"future": note["future"]}
            point.SetScriptCallbackFunction("carafe_lldb.decide", lldb.SBStructuredData())
            # A macro's code stands on the same lines.
            for place in point.locations:
                is_same = place.GetAddress().GetFunction().GetName() == note["function"]
                place.SetEnabled(is_same)
                places += is_same
    tell(places)


def forget():
    """Removes what `expect` set."""
    target = lldb.debugger.GetSelectedTarget()
    while STEP:
        breakpoint_id = STEP.pop()
        RULES.pop(breakpoint_id, None)
        target.BreakpointDelete(breakpoint_id)
    tell(len(STEP))


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


def value(text):
    """Prints the value of an expression in the selected frame."""
    try:
        found = compute(selected_thread().GetSelectedFrame(), text)
        shown = "true" if found is True else "false" if found is False else str(found)
        tell({"value": '"%s"' % found if isinstance(found, str) else shown})
    except KeyError as missing:
        tell({"error": "there is no `%s` here" % missing.args[0]})
    except ZeroDivisionError:
        tell({"error": "this divides by zero"})
    except Exception:
        words = "a watch knows paths, indexes, .len(), .is_empty(), .is_some(), .is_none(), "
        words += "comparison and arithmetic"
        tell({"error": "`%s` cannot be evaluated: %s" % (text, words)})
