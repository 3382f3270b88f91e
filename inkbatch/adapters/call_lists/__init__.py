"""Call lists and suppression files: CSV, TSV, XLSX and Parquet, read so that no row is lost."""

from inkbatch.adapters.call_lists.findings import Finding, Findings, findings
from inkbatch.adapters.call_lists.findings_files import write_findings
from inkbatch.adapters.call_lists.reader import open_call_list, read_call_list
from inkbatch.adapters.call_lists.suppression_files import read_suppression_file

__all__ = [
    "Finding",
    "Findings",
    "findings",
    "open_call_list",
    "read_call_list",
    "read_suppression_file",
    "write_findings",
]
