"""Measures the kernel's bars on this machine and prints them: start, round trip of a warm `1+1`, growth over many of them.

python kernel_bars.py FOLDER_OF_KERNELSPECS [CELLS]
"""

import statistics
import sys
import time

from jupyter_checks import Kernel, resident


def timed(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main(folder, cells):
    started = time.perf_counter()
    kernel = Kernel(folder)
    ready = time.perf_counter() - started
    try:
        first = timed(lambda: kernel.run("1+1"))
        print(f"start to ready {ready:.2f} s, to the first cell's end {ready + first:.2f} s (bar: 4 s)")
        trips = [first] + [timed(lambda: kernel.run("1+1")) for _ in range(9)]
        before = resident(kernel)
        trips += [timed(lambda: kernel.run("1+1")) for _ in range(cells - 10)]
        grown = resident(kernel) - before
        warm = trips[10:]
        print(f"1+1 warm: median {1000 * statistics.median(warm):.1f} ms, worst {1000 * max(warm):.0f} ms (bar: 50 ms)")
        print(f"cell 10: {1000 * statistics.median(trips[7:13]):.1f} ms, cell {cells}: "
              f"{1000 * statistics.median(trips[-6:]):.1f} ms, medians of 6 (bar: twice)")
        print(f"growth over {cells - 10} cells: {grown / 1e6:.0f} MB (bar: 300 MB over 1,000)")
    finally:
        kernel.stop()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
