"""The gate: what a file says of itself, read in Python before any C decoder sees it.

`inspect` answers with the header of an image that is safe to hand to a decoder, or raises a
subclass of `domain.errors.UnacceptableFile`. It reads each byte at most once or twice, allocates
nothing by a number found in the file, and believes no length before it has been compared with the
bytes that are there.

One module per container; `reader` reads numbers, `limits` counts, `exif` finds an orientation.
"""

from infrastructure.gate.inspection import inspect, inspect_file
from infrastructure.gate.limits import Limits
from infrastructure.gate.reader import Bytes

__all__ = ["Bytes", "Limits", "inspect", "inspect_file"]
