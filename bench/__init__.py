"""Comparisons: same work, same machine, same run, interleaved; ratios, not absolute times."""
