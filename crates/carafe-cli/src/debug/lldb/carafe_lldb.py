"""What lldb needs to show Rust's values right; it brings in the other scripts.

Loaded into lldb-dap before the program starts. It stands on the formatters that come with rustc and
mends them; see `lldb.rs` for how it is used.
"""

import json
import os

import lldb

import carafe_request
import carafe_rules
from carafe_stops import decide, expect, forget, learn, plan, report, stack, stale, waits

# A garbage length must not become a read of gigabytes.
MAX_TEXT = 4096
# Elements of a list are shown beside its name up to this many characters.
MAX_SUMMARY = 60
MAX_CHILDREN = 1000
MAX_BUCKETS = 1 << 16
MAX_DEPTH = 14


def __lldb_init_module(debugger, _internal):
    etc = os.environ["CARAFE_TOOL_RUST_ETC"]
    debugger.HandleCommand('command script import "%s/lldb_lookup.py"' % etc)
    debugger.HandleCommand("command script add -o -f carafe_lldb.carafe carafe")
    debugger.HandleCommand('command source -s 1 "%s/lldb_commands"' % etc)
    import lldb_lookup
    import lldb_providers

    lldb_providers.ClangEncodedEnumProvider._getCurrentVariantIndex = variant_index
    for module in (lldb_lookup, lldb_providers):
        module.StdStringSummaryProvider = string_summary
        module.StdStrSummaryProvider = str_summary
        module.SizeSummaryProvider = list_summary
    guard_hash_map(lldb_providers.StdHashMapSyntheticProvider)
    for name in ("Vec", "Slice", "VecDeque", "HashMap", "String"):
        clamp_children(getattr(lldb_providers, "Std%sSyntheticProvider" % name))


def carafe(_debugger, call, context, result, _internal):
    """The command `carafe`: calls one of `CALLS` and answers `lldb.rs`, by whose mark it is known.

    What a script prints would also be taken for the program's own output.
    """
    name, _, arguments = call.partition(" ")
    answer = CALLS[name](context, *json.loads(arguments or "[]"))
    result.AppendMessage("carafe-lldb " + json.dumps(answer))


def outside(function):
    """A call for which it does not matter what frame is selected."""
    return lambda _context, *arguments: function(*arguments)


CALLS = {
    "expect": outside(expect),
    "forget": outside(forget),
    "learn": outside(learn),
    "plan": outside(plan),
    "request": carafe_request.request,
    "report": outside(report),
    "stack": outside(stack),
    "locals": lambda context: {
        "stale": stale(context.GetFrame()),
        "previews": carafe_rules.previews(context.GetFrame()),
    },
    "title": outside(carafe_request.title),
    "waits": outside(waits),
    "value": lambda context, text: carafe_rules.value(context.GetFrame(), text),
}


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


def list_summary(value, _internal):
    """The first elements: `["a", "b"]`, or `{"a": 1}` of a map."""
    kind, count = value.GetType().GetCanonicalType().GetName() or "", value.GetNumChildren()
    is_map = "Map<" in kind
    shown, width = [], 0
    for at in range(count):
        child = value.GetChildAtIndex(at)
        parts = [child.GetChildAtIndex(n) for n in (0, 1)] if is_map else [child]
        shown.append(": ".join(carafe_rules.told(part) for part in parts))
        width += len(shown[-1])
        if width > MAX_SUMMARY:
            break
    more = ["… %d in all" % count] if len(shown) < count else []
    return ("{%s}" if is_map or "Set<" in kind else "[%s]") % ", ".join(shown + more)


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
