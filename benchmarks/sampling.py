"""Where a server's time goes: its main thread's stack, written down a thousand times a second.

One line a stack, outermost function first, then how often it was seen: the input of every flame graph tool.
"""

import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

INTERVAL = 0.001
DEEPEST = 60


def start_sampling() -> Counter[tuple[CodeType, ...]]:
    """From the process's main thread; how often each stack was seen, growing."""
    sys.setswitchinterval(0.0001)  # so that the sampler does not only see where the main thread lets go of the GIL
    seen: Counter[tuple[CodeType, ...]] = Counter()
    thread = threading.Thread(target=sample, args=(threading.get_ident(), seen), daemon=True)
    thread.start()
    return seen


def sample(thread: int, seen: Counter[tuple[CodeType, ...]]) -> None:
    while True:
        time.sleep(INTERVAL)
        seen[stack_of(sys._current_frames().get(thread))] += 1


def stack_of(frame: FrameType | None) -> tuple[CodeType, ...]:
    stack: list[CodeType] = []
    while frame is not None and len(stack) < DEEPEST:
        stack.append(frame.f_code)
        frame = frame.f_back
    return tuple(reversed(stack))


def write(path: Path, seen: Counter[tuple[CodeType, ...]]) -> None:
    lines = (f"{';'.join(map(named, stack))} {times}\n" for stack, times in dict(seen).items())
    path.write_text("".join(lines))


def named(code: CodeType) -> str:
    return f"{Path(code.co_filename).stem}:{code.co_qualname}"
