"""Is everything around the campaigns as it should be? Each finding says what to do now."""

from inkbatch.doctor.checkup import checkup
from inkbatch.doctor.finding import Finding, Verdict

__all__ = ["Finding", "Verdict", "checkup"]
