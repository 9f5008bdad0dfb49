"""Hostile image files, the same for the same seed and Pillow version.

`python -m tests.nasty OUTDIR [--seed N] [--big]` writes them with a manifest; `corpus.build` gives them
to tests. All the bombs are built by hand, byte by byte; the well-formed bases come from Pillow.
No file is larger than 2 MiB, 25 MiB with --big.
"""
