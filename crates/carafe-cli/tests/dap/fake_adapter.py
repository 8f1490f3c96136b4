#!/usr/bin/env python3
"""A debug adapter that misbehaves in the way that the name it is started by says.

It notes its process id, and that of a program that it "debugs", in files beside itself.
"""

import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(sys.argv[0]))
MODE = os.path.basename(sys.argv[0]).removeprefix("gdb-")


def note(name, pid):
    with open(os.path.join(HERE, name), "w") as file:
        file.write(str(pid))


def raw(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def send(message):
    body = json.dumps(dict(message, seq=1)).encode()
    raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


def event(name, body=None):
    send({"type": "event", "event": name, "body": body})


def read():
    length = 0
    while True:
        line = sys.stdin.buffer.readline()
        if not line:
            sys.exit(0)
        if not line.strip():
            return json.loads(sys.stdin.buffer.read(length))
        length = int(line.split(b":")[1])


def answer(request, **body):
    command = request["command"]
    send({"type": "response", "request_seq": request["seq"], "command": command, "success": True, "body": body})


def breaks_off():
    """What it does, once the program runs, instead of being an adapter."""
    if MODE == "ends":
        sys.exit(3)
    if MODE == "half":
        raw(b'Content-Length: 100\r\n\r\n{"type":')
        sys.exit(0)
    if MODE == "huge":
        raw(b"Content-Length: 99999999999\r\n\r\n")
    if MODE == "nonsense":
        raw(b"Segmentation fault\r\n\r\n")


IDS = iter(range(100, 1 << 30))


def made(request):
    """One answer a breakpoint; each has an id that nothing else has."""
    return [{"verified": True, "id": next(IDS)} for _ in request["arguments"]["breakpoints"]]


def values(reference):
    """As gdb shows an `Option<String>` and a struct: empty, with what they hold behind them."""
    if reference == 1:
        return [
            {"name": "none", "value": "", "type": "Option<String>", "variablesReference": 2},
            {"name": "user", "value": "", "type": "app::User", "variablesReference": 3},
            {"name": "id", "value": "7", "type": "i64", "variablesReference": 0},
        ]
    names = {2: ["None"], 3: ["id", "name"]}.get(reference, [])
    return [{"name": name, "value": "", "variablesReference": 0} for name in names]


def main():
    note("adapter", os.getpid())
    if MODE == "stillborn":
        print("cannot open shared object file", file=sys.stderr, flush=True)
        sys.exit(127)
    while True:
        request = read()
        command = request["command"]
        with open(os.path.join(HERE, "log"), "a") as log:
            log.write(json.dumps([command, request.get("arguments")]) + "\n")
        if command == "variables" and MODE == "hangs":
            continue
        if command == "launch":
            program = subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            note("program", program.pid)
            event("process", {"name": "sleep", "systemProcessId": program.pid})
            event("initialized")
            answer(request)
        elif command == "disconnect":
            if MODE == "deaf":
                time.sleep(1000)
            program.kill()
            answer(request)
            if MODE == "aborts":
                os.abort()
        elif command == "terminate":
            os.abort()
        elif command in ("setBreakpoints", "setFunctionBreakpoints"):
            answer(request, breakpoints=made(request))
        elif command == "evaluate":
            # `stop 101` plays a stop at that breakpoint.
            answer(request, result="", variablesReference=0)
            hit = int(request["arguments"]["expression"].split()[1])
            event("stopped", {"reason": "breakpoint", "threadId": 1, "hitBreakpointIds": [hit]})
        elif command == "stackTrace":
            answer(request, stackFrames=[])
        elif command == "variables":
            answer(request, variables=values(request["arguments"]["variablesReference"]))
        elif command == "configurationDone":
            answer(request)
            breaks_off()
        elif command == "scopes":
            answer(request, scopes=[{"name": "Locals", "variablesReference": 1, "expensive": False}])
        else:
            answer(request)


main()
