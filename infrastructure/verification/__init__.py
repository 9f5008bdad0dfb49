"""Whether a data folder is whole: every row of its log, every value kept beside it, every blob.

Only ever reads, in bounded memory, whether a server has the folder open or not.
"""

from infrastructure.verification.finding import Finding, Kind, Progress
from infrastructure.verification.folder import verify
from infrastructure.verification.scrub import scrub

__all__ = ["Finding", "Kind", "Progress", "scrub", "verify"]
