"""Published entries from CSV and XLSX files: read, judged row by row, written all or nothing."""
