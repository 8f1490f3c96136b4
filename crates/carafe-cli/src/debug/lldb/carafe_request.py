"""What the framework knows of the request that a thread works for.

A debug build of an app has a function that describes a request as JSON (`debugging.rs` of `carafe`).
It is called on the thread that is held, while all others stay where they are.
"""

import json
import re

import lldb

# A text of this many bytes is read at most.
MAX_TEXT = 1 << 20
# A call that waits for a lock of a thread that is held would never end.
LIMIT_IN_MICROSECONDS = 500 * 1000
# How deep a value in `g` is shown.
MAX_DEPTH = 3
MAX_FIELDS = 20
MAX_TITLE = 60


def server_error(frame):
    """What there is to say of a frame in which the framework makes an answer of 5xx; else `None`."""
    if "carafe_server_error" not in (frame.GetFunctionName() or ""):
        return None
    status = frame.FindVariable("status").GetValueAsUnsigned()
    rows = dict(row for row in describe(frame.GetThread()) if isinstance(row[1], str))
    place = " ".join(filter(None, (rows.get("method"), rows.get("rule") or rows.get("url"))))
    return "%d in %s" % (status, place) if place else "an error of status %d" % status


def title(thread_id):
    """The request that a thread works for, in a few words; `None` when there is none."""
    thread = lldb.debugger.GetSelectedTarget().GetProcess().GetThreadByID(thread_id)
    rows = dict(row for row in describe(thread) if isinstance(row[1], str))
    if "method" not in rows:
        return None
    path = re.sub(r"^\w+://[^/]*", "", rows.get("url", ""))
    return "%s %s" % (rows["method"], path if len(path) <= MAX_TITLE else path[: MAX_TITLE - 1] + "…")


def is_panic_again(frame):
    """Whether a 500 is that of a panic, when panics are stopped at by themselves."""
    thread = frame.GetThread()
    callers = (thread.GetFrameAtIndex(at).GetFunctionName() or "" for at in range(1, 5))
    if not any("from_panic" in name for name in callers):
        return False
    points = thread.GetProcess().GetTarget().breakpoint_iter()
    places = (place for point in points if point.IsEnabled() for place in point)
    return any("rust_panic" in (place.GetAddress().GetSymbol().GetName() or "") for place in places)


def request(context):
    """The rows of the scope `Request` for the selected thread: names, and texts or more rows."""
    return [shown(row, context.GetTarget()) for row in describe(context.GetThread())]


def describe(thread):
    """The rows as the app tells them; none where no request is worked for."""
    target = thread.GetProcess().GetTarget()
    address = describer(target)
    pointer = request_of(thread)
    if not address or not pointer:
        return []
    options = lldb.SBExpressionOptions()
    options.SetTryAllThreads(False)
    options.SetStopOthers(True)
    options.SetTimeoutInMicroSeconds(LIMIT_IN_MICROSECONDS)
    options.SetUnwindOnError(True)
    options.SetIgnoreBreakpoints(True)
    options.SetLanguage(lldb.eLanguageTypeC)
    options.SetSuppressPersistentResult(True)
    call = "((unsigned long (*)(unsigned long))%dUL)(%dUL)" % (address, pointer)
    found = thread.GetFrameAtIndex(0).EvaluateExpression(call, options)
    if not found.GetError().Success():
        return []
    error = lldb.SBError()
    text = thread.GetProcess().ReadCStringFromMemory(found.GetValueAsUnsigned(), MAX_TEXT, error)
    try:
        return json.loads(text) if error.Success() else []
    except ValueError:
        return []


def describer(target):
    for symbol in target.FindFunctions("carafe_describe_request"):
        return symbol.GetFunction().GetStartAddress().GetLoadAddress(target)
    return 0


def request_of(thread):
    """The request of the innermost frame that enters one."""
    for frame in thread:
        if "carafe::context::enter" in (frame.GetFunctionName() or ""):
            return frame.FindVariable("request").GetValueAsUnsigned()
    return 0


def shown(row, target):
    name, value = row
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [name, [[short(place["type"]), typed(target, place)] for place in value]]
    if isinstance(value, list):
        return [name, [shown(inner, target) for inner in value]]
    return [name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)]


def typed(target, place):
    """A value of the app's, of which the framework knows its type's name and where it lies."""
    kind = target.FindFirstType(place["type"])
    if not kind.IsValid():
        return "at 0x%x" % place["address"]
    address = lldb.SBAddress(place["address"], target)
    return text_of(target.CreateValueFromAddress("g", address, kind))


def text_of(value, depth=0):
    """A value in one line: `User { id: 7, name: "Ann" }`."""
    summary = value.GetSummary()
    if summary and (summary.startswith('"') or not value.MightHaveChildren()):
        return summary
    if value.GetValue() is not None:
        return value.GetValue()
    if depth >= MAX_DEPTH:
        return "..."
    children = [value.GetChildAtIndex(at) for at in range(min(value.GetNumChildren(), MAX_FIELDS))]
    fields = ["%s: %s" % (child.GetName(), text_of(child, depth + 1)) for child in children]
    return "%s { %s }" % (short(value.GetType().GetName() or ""), ", ".join(fields))


def short(kind):
    """A type's name without the modules around it."""
    head, bracket, rest = kind.partition("<")
    return head.rsplit("::", 1)[-1] + bracket + rest
