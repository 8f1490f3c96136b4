"""Sits at a terminal: runs a program on it, answers its questions, prints all that was on the screen.

usage: terminal.py ANSWERS UNTIL COMMAND..

Each answer (between 0x1f) is typed when a new question has come. At the words UNTIL the program is
asked to end (SIGTERM); without any, its own end is waited for.
"""

import os
import pty
import select
import signal
import sys
import time

answers = sys.argv[1].split("\x1f")
until = sys.argv[2].encode()
deadline = time.monotonic() + 15
questions = (b"q? ", "입력하십시오: ".encode())

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[3], sys.argv[3:])

screen = b""
answered = 0
ended = False
while True:
    left = deadline - time.monotonic()
    if left <= 0:
        os.kill(pid, signal.SIGKILL)
        sys.exit("too late: " + screen.decode())
    ready, _, _ = select.select([terminal], [], [], left)
    if not ready:
        continue
    try:
        data = os.read(terminal, 65536)
    except OSError:  # The other side of the terminal is closed.
        data = b""
    if not data:
        break
    screen += data
    asked = sum(screen.count(question) for question in questions)
    if answers and asked > answered:
        answered = asked
        os.write(terminal, answers.pop(0).encode())
    if until and until in screen and not ended:
        ended = True
        os.kill(pid, signal.SIGTERM)

_, status = os.waitpid(pid, 0)
sys.stdout.write(screen.decode())
print("exit status", os.waitstatus_to_exitcode(status))
