"""Make `campaigns/appointment_reminder/call_list.xlsx`: invented people on reserved numbers.

Run it to write the file anew: `python tests/tools/make_call_list.py`. The same seed gives the
same cells; a test holds the shipped file against them.
"""

import csv
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import xlsxwriter

SEED = 20261201
CONTACTS = 260
FOLDER = Path(__file__).parents[2] / "campaigns" / "appointment_reminder"
HEADER = ("First name", "Last name", "Phone", "Time zone", "Appointment", "Clinic")
FIRST_DAY = datetime(2026, 12, 14)  # noqa: DTZ001 (a cell of a workbook has no zone)

Cell = str | int | datetime
Person = tuple[Cell, ...]

# Area code: its zone. All of 555-0100 to 555-0199 is reserved for fiction in each of them.
AREAS = {
    "212": "America/New_York",
    "305": "America/New_York",
    "404": "America/New_York",
    "617": "America/New_York",
    "312": "America/Chicago",
    "512": "America/Chicago",
    "713": "America/Chicago",
    "303": "America/Denver",
    "505": "America/Denver",
    "602": "America/Phoenix",
    "206": "America/Los_Angeles",
    "415": "America/Los_Angeles",
    "619": "America/Los_Angeles",
    "808": "Pacific/Honolulu",
}
FIRST_NAMES = (
    *("Ada", "Amir", "Beatriz", "Ben", "Chidi", "Clara", "Dalia", "Dmitri", "Elena", "Emeka"),
    *("Farah", "Felix", "Grace", "Gus", "Hana", "Hugo", "Ines", "Ivan", "Jana", "Jonas", "Kaia"),
    *("Kenji", "Lara", "Liam", "Maya", "Mei", "Nadia", "Noah", "Olga", "Omar", "Petra", "Priya"),
    *("Quinn", "Rosa", "Rui", "Sana", "Sven", "Tara", "Uma", "Viktor", "Wen", "Yara", "Zoe"),
)
LAST_NAMES = (
    *("Abara", "Almeida", "Becker", "Bianchi", "Castillo", "Chen", "Dahl", "Dubois", "Eriksen"),
    *("Fofana", "Garcia", "Haddad", "Ito", "Jansen", "Kaplan", "Kowalski", "Larsen", "Mbeki"),
    *("Moreau", "Nakamura", "Novak", "Okafor", "Oliveira", "Papadakis", "Park", "Quist", "Reyes"),
    *("Rossi", "Sato", "Schmidt", "Silva", "Tremblay", "Ueda", "Varga", "Weber", "Xu", "Zhang"),
)
CLINICS = ("Elm Street", "Harbour View", "Old Mill", "Riverside", "St. Brigid")
DO_NOT_CALL = (7, 101, 202)
"""Places in the list, from 0, of the contacts who asked not to be called."""


FULL_WIDTH = {ord(str(digit)): ord("\N{FULLWIDTH DIGIT ZERO}") + digit for digit in range(10)}
DAMAGED: dict[int, Callable[[str], str]] = {
    20: "'{}".format,  # typed with an apostrophe, so that the spreadsheet keeps the plus
    55: "{} ext. 7".format,  # an extension
    76: "tel:{}".format,  # copied from a web page
    120: lambda number: number.translate(FULL_WIDTH),
    155: lambda number: f"00{number[1:]}" if number.startswith("+44") else f"{number}.0",
    199: lambda number: f"{number[:5]}\N{NO-BREAK SPACE}{number[5:]}",
}
"""Places in the list, from 0, of contacts whose number is spelled as real files spell some."""


def call_list() -> list[Person]:
    """Return the rows under the header: the contacts, with bad and duplicate rows among them."""
    rows = list(contacts())
    for place, row in sorted(_strays(rows).items()):
        rows.insert(place, row)
    return rows


def contacts() -> Iterator[Person]:
    """Yield the people who can be called, each number once."""
    chance = random.Random(SEED)
    numbers = [(area, number) for area in AREAS for number in range(100, 200)]
    american = chance.sample(numbers, CONTACTS - CONTACTS // 8)
    london = chance.sample(range(1000), CONTACTS // 8)
    phones = [_american(chance, *number) for number in american]
    phones += [(f"+44 20 7946 0{number:03d}", "") for number in london]
    chance.shuffle(phones)
    eastern = [place for place, (phone, zone) in enumerate(phones) if "212" in phone and not zone]
    for place in eastern[:3]:
        phones[place] = phones[place][0], "EST"
    for place, damaged in DAMAGED.items():
        phones[place] = damaged(_e164(phones[place][0])), phones[place][1]
    for phone, zone in phones:
        yield _person(chance, phone, zone)


def _american(chance: random.Random, area: str, number: int) -> tuple[str, str]:
    """Spell a number in one of the usual ways; every third person has a zone of their own."""
    spelling = chance.choice(("+1{}5550{}", "({}) 555-0{}", "{}-555-0{}", "+1 {} 555 0{}"))
    zone = AREAS[area] if chance.random() < 1 / 3 else ""
    return spelling.format(area, number), zone


def _person(chance: random.Random, phone: Cell, zone: str) -> Person:
    appointment = FIRST_DAY + timedelta(
        days=chance.randrange(12), minutes=30 * chance.randrange(16, 36)
    )
    name = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    return (*name, phone, zone, appointment, chance.choice(CLINICS))


def _strays(rows: list[Person]) -> dict[int, Person]:
    """Return rows as they come out of real spreadsheets, by the place to put each at."""
    chance = random.Random(SEED + 1)
    twice = str(rows[40][2]), str(rows[90][2])
    bad: dict[int, tuple[Cell, str]] = {
        15: ("", ""),  # nobody typed a number
        33: ("call after lunch", ""),  # a note in place of one
        58: ("415555013", ""),  # a digit is missing
        77: ("4.15555E+09", ""),  # shortened by a spreadsheet
        120: (4805550132, ""),  # a number cell: fine as it is
        121: ("4805550133.0", ""),  # once a decimal: certain to repair
        122: ("14805550134", ""),  # the plus is missing: certain to repair
        150: (_respelled(twice[0]), ""),  # the same number in another spelling
        188: (_respelled(twice[1]), ""),
        210: ("(480) 555-0135", "Eastern-ish"),  # no such zone
        219: ("#N/A", ""),  # a look-up that found nothing
        226: ("2026-11-30", ""),  # the date slipped into the wrong column
        231: ("+1 480 555 0136 / +1 480 555 0137", ""),  # two numbers
    }
    strays = {place: _person(chance, phone, zone) for place, (phone, zone) in bad.items()}
    return strays | {245: ("",) * len(HEADER)}


def _respelled(phone: str) -> str:
    digits = _e164(phone)[1:]
    return "+" + ".".join((digits[:2], digits[2:5], digits[5:]))


def _e164(phone: str) -> str:
    digits = "".join(filter(str.isdigit, phone))
    return f"+{digits}" if digits.startswith(("44", "1")) else f"+1{digits}"


def write_call_list(path: Path) -> None:
    """Write the workbook, with dates as dates and all else as typed."""
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("Patients")
        date_format = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.set_column(0, len(HEADER) - 1, 22)
        sheet.write_row(0, 0, HEADER, workbook.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(call_list(), start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(number, column, cell, date_format)
                elif isinstance(cell, int):
                    sheet.write_number(number, column, cell)
                else:
                    sheet.write_string(number, column, cell)


def write_do_not_call(path: Path) -> None:
    """Write the numbers of those who asked not to be called."""
    people = list(contacts())
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("Phone", "Reason"))
        writer.writerows((people[place][2], "asked not to be called") for place in DO_NOT_CALL)


if __name__ == "__main__":
    write_call_list(FOLDER / "call_list.xlsx")
    write_do_not_call(FOLDER / "do_not_call.csv")
