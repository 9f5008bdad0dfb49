"""What the command `darkroom` can do, one noun a module.

A module adds its parsers, each with the function that carries its command out, to those of the command
line. It imports what is slow, or leads to OpenCV, only when it is carried out.
"""
