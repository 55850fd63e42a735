"""`python -m interestkit`: the workbook's command line."""

from interestkit.workbook.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
