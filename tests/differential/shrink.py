# SPDX-License-Identifier: BSD-2-Clause
"""Narrows a difference between two kernels to the calls that matter, and keeps them as text.

A call is a tuple of words as differential.c prints and reads them: system call, cptr, invocation, message info,
R12, R13, the numbers of words and caps that follow, the words, the caps.
"""
HEADER = 8


def calls_of(lines):
    """The calls that a run printed in its window; each is three lines."""
    calls, words = [], None
    for line in lines:
        name, _, rest = line.partition(":")
        if name == "call":
            words = ()
        if name in ("call", "  words", "  caps") and words is not None:
            words += tuple(int(value, 16) for value in rest.split())
            if name == "  caps":
                calls.append(words)
                words = None
    return calls


def ddmin(calls, differs, limit=1000):
    """A part of `calls`, in order, of which no single call can be left out, for all that `limit` tests show."""
    tests, pieces = 0, 2
    while len(calls) >= 2:
        size = -(-len(calls) // pieces)
        for start in range(0, len(calls), size):
            if tests == limit:
                return calls
            rest = calls[:start] + calls[start + size:]
            tests += 1
            if differs(rest):
                calls, pieces = rest, max(pieces - 1, 2)
                break
        else:
            if size == 1:
                return calls
            pieces = min(len(calls), pieces * 2)
    return calls


def write(path, calls, end, comment):
    """`end` is what the kernel that is right prints at the end."""
    with open(path, "w", encoding="ascii") as file:
        file.writelines(f"# {line}\n" for line in comment)
        file.write(f"end: {end}\n")
        file.writelines(" ".join(f"{word:#x}" for word in call) + "\n" for call in calls)


def read(path):
    """The calls of a file and the end that is right."""
    with open(path, encoding="ascii") as file:
        lines = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    assert lines[0].startswith("end: "), path
    return [tuple(int(word, 16) for word in line.split()) for line in lines[1:]], lines[0].removeprefix("end: ")
