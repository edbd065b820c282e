"""What a .tflite export would need on a microcontroller: size, memory, operations.

Runs it with the interpreter of TensorFlow Lite for Microcontrollers: needs the package
`tflite-micro` (its `tflite_micro.python.tflite_micro`), not automl.

    python microcontroller.py best/model.tflite [--arena 256]
"""

import argparse
from pathlib import Path

import numpy as np
from tflite_micro.python.tflite_micro import runtime

KIB = 1024


def main() -> None:
    """Print the figures, or fail with what the interpreter misses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--arena", type=int, default=256, help="KiB of memory")
    options = parser.parse_args()
    interpreter = runtime.Interpreter.from_file(
        str(options.model), arena_size=options.arena * KIB
    )
    details = interpreter.get_input_details(0)
    shape, dtype = tuple(map(int, details["shape"])), np.dtype(details["dtype"])
    interpreter.set_input(np.ones(shape, dtype), 0)
    interpreter.invoke()
    report = (
        f"flash   {options.model.stat().st_size / KIB:.1f} KiB",
        f"input   {shape} {dtype}",
        f"output  {interpreter.get_output(0)}",
        f"memory  within {options.arena} KiB; of it:",
    )
    print("\n".join(report), flush=True)  # noqa: T201
    interpreter.print_allocations()


if __name__ == "__main__":
    main()
