"""Runs a program at a terminal of its own and answers its question; prints what was shown there.

Usage: terminal.py ANSWER PROGRAM [ARGUMENT...]; an empty ANSWER ends the input instead.
"""

import os
import pty
import select
import sys
import time

answer = sys.argv[1]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
shown = b""
asked = False
deadline = time.monotonic() + 30
while True:
    if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
        sys.exit("nothing was shown for 30 seconds after " + repr(shown))
    try:
        part = os.read(terminal, 4096)
    except OSError:  # Linux's word for the end
        break
    if not part:
        break
    shown += part
    if not asked and b"[y/N]" in shown:
        asked = True
        # Control-D at the start of a line ends the input.
        os.write(terminal, (answer + "\n").encode() if answer else b"\x04")
sys.stdout.buffer.write(shown.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
