"""Why the program stopped, and whether that counts: one report a stop, for `debug/stops.rs`.

Also the breakpoints of a step that crosses an `.await`, and what a step has to know of a stack.
"""

import re

import lldb

from carafe_request import is_panic_again, server_error
from carafe_rules import counts_as, holds, shown


def target():
    return lldb.debugger.GetSelectedTarget()


# ---- breakpoints ----

# What was asked of each breakpoint, by its id.
RULES = {}
# How often each was hit with its condition true.
COUNTS = {}
# The breakpoints of the step that is under way.
STEP = []
# What was decided at a breakpoint: by thread and breakpoint, the stop's id and the decision.
VERDICTS = {}
# The last report: a stop may be asked about more than once.
REPORTED = {}
# Where threads were at breakpoints at the last stop.
HITS = {}


def collapse(breakpoint_id):
    """Leaves one place of a line switched on in each function: a line may have several."""
    seen = set()
    places = target().FindBreakpointByID(breakpoint_id).locations
    for place in sorted(places, key=lambda place: place.GetLoadAddress()):
        function = place.GetAddress().GetFunction()
        start = function.GetStartAddress().GetLoadAddress(target())
        place.SetEnabled(not function.IsValid() or start not in seen)
        seen.add(start)
    return {"places": len(places), "functions": len(seen)}


def learn(breakpoint_id, rule):
    """Lets a rule decide whether a breakpoint stops: `expression`, `hits`, `message`.

    A breakpoint that is asked for again keeps its id, so that an empty rule may have to replace one.
    """
    collapse(breakpoint_id)
    if not any(rule.values()) and breakpoint_id not in RULES:
        return breakpoint_id
    if RULES.get(breakpoint_id) != rule:
        COUNTS.pop(breakpoint_id, None)
    RULES[breakpoint_id] = rule
    point = target().FindBreakpointByID(breakpoint_id)
    point.SetScriptCallbackFunction("carafe_lldb.decide", lldb.SBStructuredData())
    return breakpoint_id


def decide(frame, place, _extra, _internal):
    """lldb asks this at each hit of a breakpoint that has a rule."""
    return judge(frame, place.GetBreakpoint().GetID())


def judge(frame, breakpoint_id):
    """Whether a hit counts; asked again about the same one, it says the same, and counts it once."""
    thread = frame.GetThread()
    key, stop = (thread.GetThreadID(), breakpoint_id), thread.GetProcess().GetStopID()
    was, verdict = VERDICTS.get(key, (None, False))
    if was == stop:
        return verdict
    rule = RULES.get(breakpoint_id, {})
    stops = applies(frame, rule)
    if stops and rule.get("hits"):
        COUNTS[breakpoint_id] = COUNTS.get(breakpoint_id, 0) + 1
        stops = counts_as(rule["hits"], COUNTS[breakpoint_id])
    if stops and rule.get("message"):
        print(re.sub(r"\{([^{}]+)\}", lambda found: shown(frame, found.group(1).strip()), rule["message"]))
        stops = False
    VERDICTS[key] = (stop, stops)
    return stops


def applies(frame, rule):
    """A condition that cannot be judged holds, so that it is seen."""
    if rule.get("future") and future_address(frame) != rule["future"]:
        return False
    if rule.get("thread") and frame.GetThread().GetThreadID() != rule["thread"]:
        return False
    try:
        return not rule.get("expression") or holds(frame, rule["expression"])
    except Exception:
        return True


def counts(thread, breakpoint_id):
    """Whether a thread that is at a breakpoint has a reason to be shown."""
    if not target().FindBreakpointByID(breakpoint_id).IsValid():
        return False
    return judge(thread.GetFrameAtIndex(0), breakpoint_id)


# ---- stops ----

SILENT = (
    lldb.eStopReasonNone,
    lldb.eStopReasonInvalid,
    lldb.eStopReasonThreadExiting,
    lldb.eStopReasonFork,
    lldb.eStopReasonVFork,
    lldb.eStopReasonVForkDone,
)


def report():
    """Runs at every stop: why each thread is stopped, as far as that counts.

    lldb-dap tells of each thread by itself, also of those at a breakpoint whose condition does not
    hold; only all of them together say what to do.
    """
    process = target().GetProcess()
    stop = process.GetStopID()
    if process.GetState() != lldb.eStateStopped:
        return {"stop": stop, "threads": [], "running": True}
    if REPORTED.get("stop") != stop:
        first = process.GetThreadAtIndex(0).GetThreadID()
        threads = [found for found in map(reason, process) if found]
        REPORTED.update({"stop": stop, "threads": threads, "first": first})
        VERDICTS.clear()
    return REPORTED


def is_old_hit(thread, ids):
    """Whether a thread is still where it was at the last stop.

    While lldb lets one thread make a step and holds the others, they keep the reason for which they
    stopped before.
    """
    frame = thread.GetFrameAtIndex(0)
    counts = [target().FindBreakpointByID(found).GetHitCount() for found in ids]
    hit = (ids, frame.GetPC(), frame.GetSP(), counts)
    was, HITS[thread.GetThreadID()] = HITS.get(thread.GetThreadID()), hit
    return was == hit


def reason(thread):
    why = thread.GetStopReason()
    found = {"thread": thread.GetThreadID(), "text": thread.GetStopDescription(200)}
    if why in SILENT:
        return None
    if why == lldb.eStopReasonBreakpoint:
        return at_breakpoint(thread, found)
    if why in (lldb.eStopReasonPlanComplete, lldb.eStopReasonTrace):
        return dict(found, why="step")
    if why == lldb.eStopReasonSignal:
        # lldb interrupts a program by this one, for a pause and for its own work.
        is_stop = "SIGSTOP" in found["text"]
        if "SIGTRAP" in found["text"] and not is_trap(thread):
            return None
        return dict(found, why="interrupt" if is_stop else "exception")
    return dict(found, why="exception" if why == lldb.eStopReasonException else "other")


def is_trap(thread):
    """Whether the program itself has a trap here.

    A step of one thread has breakpoints of lldb's own. When another thread runs into one at the
    moment at which the step ends, lldb has removed it before it looks why that thread stopped, and
    calls it a SIGTRAP. The thread is at the instruction that was under the breakpoint and can go on.
    """
    pc = thread.GetFrameAtIndex(0).GetPC()
    error = lldb.SBError()
    read = lambda address, size: thread.GetProcess().ReadUnsignedFromMemory(address, size, error)
    if target().GetTriple().startswith(("aarch64", "arm64")):
        return read(pc, 4) & 0xFFE0001F == 0xD4200000
    # The thread stands behind an `int3`.
    return read(pc - 1, 1) == 0xCC


def at_breakpoint(thread, found):
    ids = [thread.GetStopReasonDataAtIndex(at) for at in range(0, thread.GetStopReasonDataCount(), 2)]
    is_old = is_old_hit(thread, ids)
    ids = [found_id for found_id in ids if counts(thread, found_id)]
    if is_old or not ids:
        return None
    own = [found_id for found_id in ids if found_id not in STEP]
    frame = thread.GetFrameAtIndex(0)
    if not own:
        return dict(found, why="arrived")
    if "rust_panic" in (frame.GetFunctionName() or ""):
        return dict(found, why="exception", text="the app panicked")
    failed = server_error(frame)
    if failed:
        return None if is_panic_again(frame) else dict(found, why="exception", text=failed)
    return dict(found, why="breakpoint", breakpoints=own)


# ---- asynchronous functions ----


def future_of(frame):
    """The pointer to the future of an `async fn`: its code gets it as its first argument, pinned."""
    for variable in frame.GetVariables(True, False, False, True):
        kind = variable.GetType().GetName() or ""
        if "async_fn_env" in kind or "async_block_env" in kind:
            pointer = variable.GetNonSyntheticValue()
            while pointer.GetNumChildren() == 1 and not pointer.GetType().IsPointerType():
                pointer = pointer.GetChildAtIndex(0).GetNonSyntheticValue()
            return pointer
    return None


def future_address(frame):
    pointer = future_of(frame)
    return pointer.GetValueAsUnsigned() if pointer is not None else 0


# States of a future, as the compiler numbers them.
RETURNED, PANICKED = 1, 2


def state_address(pointer):
    """Where the state of a future lies, or 0."""
    kind = pointer.GetType().GetPointeeType()
    for name in ("$variants$", "$variant$0"):
        inner = [field for field in kind.get_fields_array() if field.GetName() == name]
        if not inner:
            return 0
        kind = inner[0].GetType()
    tag = [field for field in kind.get_fields_array() if field.GetName() == "$discr$"]
    if not tag or tag[0].GetType().GetByteSize() != 1:
        return 0
    # lldb before 23 takes the offset for the width of a bit field.
    return pointer.GetValueAsUnsigned() + (tag[0].GetOffsetInBytes() or tag[0].GetBitfieldSizeInBits())


def byte_at(address):
    error = lldb.SBError()
    found = target().GetProcess().ReadUnsignedFromMemory(address, 1, error) if address else None
    return found if error.Success() else None


def has_finished(note):
    """Whether the future of a note has run to its end, so that it is not polled again."""
    state = byte_at(note["state"])
    if note["state_then"] in (None, RETURNED, PANICKED) or state is None:
        # The state cannot be read: a function is left for good from its last line.
        return not note["lines"] or note["line"] > max(note["lines"])
    return state in (RETURNED, PANICKED)


def stale(frame):
    """Names of variables that may not be what they were: they were set before an `.await` that has gone
    by, and the compiler did not keep them in the future."""
    pointer = future_of(frame)
    if pointer is None or byte_at(state_address(pointer)) in (None, 0, RETURNED, PANICKED):
        return []
    start = pointer.GetValueAsUnsigned()
    end = start + pointer.GetType().GetPointeeType().GetByteSize()
    here = frame.GetLineEntry()
    lines = source_lines(here.GetFileSpec().fullpath)
    names = []
    for variable in frame.GetVariables(True, True, False, True):
        place, declared = variable.GetLoadAddress(), variable.GetDeclaration().GetLine()
        is_kept = place == lldb.LLDB_INVALID_ADDRESS or start <= place < end
        if not is_kept and awaits_between(lines, declared, here.GetLine()):
            names.append(variable.GetName())
    return names


def source_lines(path, kept={}):
    """The lines of a file, without comments."""
    if path not in kept:
        try:
            with open(path, encoding="utf8", errors="replace") as file:
                kept[path] = [line.split("//", 1)[0].rstrip() for line in file]
        except OSError:
            kept[path] = []
    return kept[path]


def awaits_between(lines, declared, here):
    """Whether an `.await` stands between the statement that declares a variable and this line."""
    at = declared
    while at < min(here, len(lines)) and not lines[at - 1].endswith((";", "{", "}")):
        at += 1
    return any(".await" in line for line in lines[at : here - 1])


# ---- steps ----


def stack(thread_id):
    """The frames of a thread, as steps look at them."""
    thread = target().GetProcess().GetThreadByID(thread_id)
    frames = []
    for frame in thread:
        entry = frame.GetLineEntry()
        path = entry.GetFileSpec().fullpath
        frames.append({"name": frame.GetFunctionName() or "", "source": {"path": path}, "line": entry.GetLine()})
    if frames:
        frames[0]["passing"] = is_passing(thread.GetFrameAtIndex(0))
    return frames


def is_passing(frame):
    """Whether a frame is where nobody wrote anything: what makes a future, and the entry of its code."""
    made = frame.GetFunction().GetType().GetFunctionReturnType().GetName() or ""
    if "async_fn_env" in made:
        return "constructor"
    is_entry = future_of(frame) is not None and frame.GetLineEntry().GetLine() <= first_line(frame)
    return "entry" if is_entry and body_lines(frame) else ""


def first_line(frame):
    """The line of the signature, which every call and every poll of a future passes."""
    return frame.GetFunction().GetStartAddress().GetLineEntry().GetLine()


def body_lines(frame):
    """The lines of the body of the function around a frame, in the file where it stands."""
    here, first = frame.GetLineEntry().GetFileSpec().fullpath, first_line(frame)
    lines = set()
    for instruction in frame.GetFunction().GetInstructions(target()):
        entry = instruction.GetAddress().GetLineEntry()
        if entry.GetLine() > first and entry.GetFileSpec().fullpath == here:
            lines.add(entry.GetLine())
    return sorted(lines)


def plan(thread_id, indexes):
    """Notes, for the app's frames of a thread, where a step may come out again."""
    thread = target().GetProcess().GetThreadByID(thread_id)
    notes = []
    for index in indexes:
        frame = thread.GetFrameAtIndex(index)
        line = frame.GetLineEntry().GetLine()
        pointer = future_of(frame)
        state = state_address(pointer) if pointer is not None else 0
        notes.append(
            {
                "file": frame.GetLineEntry().GetFileSpec().fullpath,
                "name": frame.GetFunctionName(),
                "function": frame.GetFunction().GetName(),
                "line": line,
                "lines": [found for found in body_lines(frame) if found != line],
                "future": pointer.GetValueAsUnsigned() if pointer is not None else 0,
                "thread": thread_id,
                "state": state,
                "state_then": byte_at(state),
            }
        )
    return notes


def expect(notes):
    """Sets breakpoints for a step on the lines that were noted; gives how many places they have."""
    places = 0
    for note in notes:
        if note["future"] and not waits(note):
            continue
        for line in note["lines"]:
            point = target().BreakpointCreateByLocation(note["file"], line)
            STEP.append(point.GetID())
            # A parallel request that passes here does not take the step.
            owner = "future" if note["future"] else "thread"
            RULES[point.GetID()] = {owner: note[owner]}
            point.SetScriptCallbackFunction("carafe_lldb.decide", lldb.SBStructuredData())
            # A macro's code stands on the same lines.
            for place in point.locations:
                is_same = place.GetAddress().GetFunction().GetName() == note["function"]
                place.SetEnabled(is_same)
                places += is_same
    return places


def waits(note):
    """Whether the future of a note has more to do."""
    return bool(note["future"]) and not has_finished(note)


def forget():
    """Removes what `expect` set."""
    while STEP:
        breakpoint_id = STEP.pop()
        RULES.pop(breakpoint_id, None)
        target().BreakpointDelete(breakpoint_id)
    return len(STEP)
