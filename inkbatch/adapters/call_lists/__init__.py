"""Call lists and suppression files: CSV, TSV, XLSX and Parquet, read so that no row is lost."""

from inkbatch.adapters.call_lists.findings import Finding, findings
from inkbatch.adapters.call_lists.reader import read_call_list
from inkbatch.adapters.call_lists.suppression_files import read_suppression_file

__all__ = ["Finding", "findings", "read_call_list", "read_suppression_file"]
