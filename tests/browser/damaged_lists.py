"""Spreadsheets as people bring them, with what goes wrong in them."""

SCRIPT = "<script>document.title = 'taken over'</script>"
PICTURE = "<img src=x onerror=\"document.title='taken over'\">"


def write_damaged_list(path, people):
    """Write a list with a BOM, semicolons, and rows that are too short, doubled, eaten or empty."""
    lines = ["First name;Phone;City"]
    lines += [f"Ann {place};+1 212 555 01{place:02d};New York" for place in range(people)]
    lines += [
        f"{SCRIPT};0000;Boston",
        f"Cy;+1 (212) 555-0100;{PICTURE}",
        'Di;4.15555E+09;=HYPERLINK("http://evil.example")',
        "Eve;;Boston",
    ]
    path.write_text("\n".join(lines), "utf-8-sig")
    return path
