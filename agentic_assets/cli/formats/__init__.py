"""Reports of what a command found, as people and as CI systems read them."""

from agentic_assets.cli.formats.option import format_option
from agentic_assets.cli.formats.report import FORMATS, Format, Remark, Report, Severity
from agentic_assets.cli.formats.writing import emit, written

__all__ = ["FORMATS", "Format", "Remark", "Report", "Severity", "emit", "format_option", "written"]
