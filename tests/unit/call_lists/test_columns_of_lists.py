"""Which column holds what, and why."""

from pathlib import Path

import pytest

from inkbatch.adapters.call_lists.columns import (
    Places,
    field_names,
    letter_of,
    locate,
    recognise,
)
from inkbatch.adapters.call_lists.header_words import ROLES, phone_rank
from inkbatch.domain.call_list import Columns
from inkbatch.domain.errors import CallListError

FILE = Path("people.csv")


def found(headers, **columns):
    return locate(Columns(**columns), headers=headers, file=FILE)


def recognised(headers, *rows, region="US", **columns):
    return recognise(Columns(**columns), headers=headers, file=FILE, sample=rows, region=region)


def reason(located, role="phone"):
    return next(one.reason for one in located.recognised if one.role == role)


def test_usual_headers_are_recognised():
    """Nobody has to name columns that are called as columns usually are."""
    headers = ["Name", "Mobile Phone", "TimeZone", "Country", "Priority", "Not before", "Deadline"]
    assert found([*headers, "Consent", "Do Not Call"]) == Places(
        phones=(1,),
        zone=2,
        region=3,
        priority=4,
        not_before=5,
        deadline=6,
        consent=7,
        do_not_call=8,
    )


@pytest.mark.parametrize(
    "header",
    [
        *("Phone", "phone_number", "Phone No.", "PHONE 1", "Telephone Number", "Tel."),
        *(
            "Cell Phone",
            "Business phone",
            "Home telephone",
            "Customer phone number",
            "Mobile (private)",
        ),
        *("Telefon", "Telefonnummer", "Tel.-Nr.", "Rufnummer", "Handy", "Handynummer", "Mobil"),
        *("Telefon geschäftlich", "Telefon (Büro)", "Mobilfunknummer", "Festnetz"),
        *("Téléphone", "N° de téléphone", "Portable", "Téléphone portable", "Tél. bureau", "GSM"),
        *("Teléfono", "TELÉFONO MÓVIL", "Móvil", "Celular", "Número de teléfono"),
        *("Telefono", "Cellulare", "Numero di telefono", "Telefono ufficio"),
        *("Telefone", "Telemóvel", "Nº de telefone", "Telefone casa"),
        *("Telefoon", "Telefoonnummer", "Mobiel", "Mobiel nummer", "Telefoon werk"),
        *("Numer telefonu", "Telefon komórkowy", "Komórka", "Telefon służbowy"),
    ],
)
def test_a_phone_column_is_known_in_many_languages(header):
    """The first try of most people works, with and without accents and capitals."""
    assert found(["Name", header]).phone == 1
    assert found(["Name", header.upper()]).phone == 1


@pytest.mark.parametrize(
    "header",
    ["Phone type", "Fax", "Telefax", "Phone ext", "Phone verified", "E-mail", "Emergency phone"],
)
def test_what_only_mentions_a_phone_is_no_phone_column(header):
    """A column about a phone is not called."""
    assert phone_rank(header) is None


@pytest.mark.parametrize(
    ("role", "headers"),
    [
        ("zone", "Time zone|Zeitzone|Fuseau horaire|Zona horaria|Fuso orario|Fuso horário"),
        ("zone", "Tijdzone|Strefa czasowa"),
        ("region", "Country|Land|Pays|País|Paese|Kraj|Country code"),
        ("priority", "Priority|Priorität|Prioritaet|Priorité|Prioridad|Priorità|Prioridade"),
        ("priority", "Prioriteit|Priorytet"),
        ("not_before", "Not before|Nicht vor|Pas avant|No antes de|Non prima di|Não antes de"),
        ("not_before", "Niet voor|Nie przed"),
        ("deadline", "Deadline|Anrufen bis|Date limite|Fecha límite|Chiamare entro|Data limite"),
        ("deadline", "Niet na|Nie po"),
        ("consent", "Consent|Opt-in|Einwilligung|Consentement|Consentimiento|Consenso"),
        ("consent", "Consentimento|Toestemming|Zgoda"),
        ("do_not_call", "Do not call|DNC|Opt-out|Nicht anrufen|Ne pas appeler|No llamar"),
        ("do_not_call", "Non chiamare|Não ligar|Niet bellen|Nie dzwonić"),
    ],
)
def test_the_other_columns_are_known_in_many_languages(role, headers):
    """A list need not be translated before it is dialed."""
    for header in headers.split("|"):
        assert getattr(found(["Phone", header]), role) == 1, header


@pytest.mark.parametrize(
    ("header", "role"),
    [
        *((one, "do_not_call") for one in ("Do not call (Y/N)", "Opted out", "Do-not-contact")),
        *((one, "do_not_call") for one in ("Unsubscribe", "DNC flag", "Nicht anrufen (ja/nein)")),
        ("Opt-in (Y/N)", "consent"),
    ],
)
def test_a_refusal_is_known_by_a_header_that_is_nearly_usual(header, role):
    """Whoever said no in a column that means nothing else is not called."""
    assert getattr(found(["Phone", header]), role) == 1


@pytest.mark.parametrize(
    "headers",
    [
        *(["DNC", "Do not call"], ["Do not call", "Opted out"], ["Consent", "Opt-in"]),
        *(["DNC", "DNC"], ["Consent", "SMS consent"], ["Opt-out date"], ["Not opted out"]),
        *(["Federal DNC list"], ["Do not call before"], ["Consent", "DNC", "Unsubscribed at"]),
    ],
)
def test_a_column_that_may_hold_refusals_is_not_passed_over(headers):
    """Nobody is called because the no stands in the second of two columns."""
    with pytest.raises(CallListError, match=r"must not be called.*\[columns\]") as refused:
        found(["Phone", *headers])
    assert all(repr(header) in str(refused.value) for header in headers)
    assert found(["Phone", *headers], do_not_call="").do_not_call is None


@pytest.mark.parametrize(
    ("headers", "named", "told"),
    [
        (["DNC", "Opted out"], {"do_not_call": "DNC"}, "'Opted out'"),
        (["Werbung", "DNC"], {"consent": "Werbung", "do_not_call": ""}, "'DNC'"),
        (["Opt-out date"], {"do_not_call": ""}, "'Opt-out date'"),
        (["DNC", "Consent"], {"do_not_call": "DNC"}, None),
    ],
)
def test_a_refusal_beside_the_column_that_was_named_is_told(headers, named, told):
    """Whoever names one column sees that another one, which may hold a no, is not looked at."""
    notes = [note for note in recognised(["Phone", *headers], **named).notes if "must not" in note]
    assert [told] * len(notes) == [note.partition(" may say")[0] for note in notes]
    assert bool(notes) == (told is not None)


def test_names_are_shown_with_the_others():
    """Whoever writes a template learns which column is the first name."""
    located = recognised(["Vorname", "Nachname", "Handy"], ("Ada", "Abara", "4155550132"))
    assert [(one.role, one.header) for one in located.recognised] == [
        ("phone", "Handy"),
        ("first_name", "Vorname"),
        ("last_name", "Nachname"),
    ]
    assert reason(located) == "by its header"


def test_no_word_stands_for_two_roles():
    """A header means one thing."""
    words = [word for role in ROLES for word in ROLES[role]]
    assert len(words) == len(set(words))
    assert not [word for word in words if phone_rank(word) is not None]


def test_a_named_column_wins_over_a_usual_one():
    """What the campaign file says is not second-guessed."""
    assert found(["Phone", "Handy"], phone="Phone").phone == 0
    assert reason(recognised(["Phone", "x"], phone="x")) == "as [columns] phone says"


def test_a_named_column_is_found_in_another_spelling():
    """Case and blanks of a header do not matter as long as one column is meant."""
    assert found(["PHONE no", "x"], phone="Phone no").phone == 0
    assert found(["Phone", "phone"], phone="phone").phone == 1


def test_an_empty_name_means_no_such_column():
    """A column that only looks like a time zone can be left alone."""
    assert found(["Phone", "Time zone"], zone="").zone is None


def test_several_phone_columns_are_tried_in_the_stated_order():
    """The order is the person's, not the file's."""
    located = recognised(["Work", "Mobile"], phone=("Mobile", "Work"))
    assert located.places.phones == (1, 0)
    assert [one.reason for one in located.recognised] == [
        "as [columns] phone says, number 1 of 2",
        "as [columns] phone says, number 2 of 2",
    ]


@pytest.mark.parametrize(
    ("headers", "best"),
    [
        (["Work phone", "Phone", "Mobile", "Home phone"], 2),
        (["Home phone", "Work phone", "Phone"], 2),
        (["Home phone", "Work phone"], 1),
        (["Phone 2", "Phone 1"], 1),
        (["Other mobile", "Home phone"], 1),
        (["Festnetz", "Handy"], 1),
    ],
)
def test_of_several_phone_columns_the_best_is_called_and_the_others_are_told(headers, best):
    """Mobile before plain before work before home; the choice is never silent."""
    located = recognised(headers)
    assert located.places.phones == (best,)
    for header in headers:
        assert header == headers[best] or repr(header) in reason(located)


def test_a_column_without_numbers_stands_back():
    """An export with an empty `Mobile` column is called at the column that is filled."""
    located = recognised(["Mobile", "Phone"], ("", "4155550132"), ("none", "4155550133"))
    assert located.places.phone == 1
    assert "'Mobile'" in reason(located)


def test_without_a_telling_header_the_content_tells():
    """A list of `Wer` and `Wo` works, and says why."""
    rows = [("Ada", f"(415) 555-01{last:02d}", "7") for last in range(9)]
    located = recognised(["Wer", "", "Score"], *rows, ("Ben", "ask", "8"))
    assert located.places.phone == 1
    assert located.recognised[0].header == "column B"
    assert reason(located) == "by its content: 9 of 10 filled cells are phone numbers"


@pytest.mark.parametrize(
    "cell", ["2026-11-30", "30.11.2026", "20261130", "1000023", "3012345678", "94107", "030123"]
)
@pytest.mark.parametrize("region", ["DE", "GB", None])
def test_dates_and_customer_numbers_are_no_phone_numbers(cell, region):
    """Strangers are not called because a column is full of digits."""
    with pytest.raises(CallListError, match="no phone column"):
        recognised(["a", "b"], *[("Ada", cell)] * 5, region=region)


def test_a_doubtful_header_is_believed_only_with_its_cells():
    """A `Region` of sales, a `Zone` of parking and a `Number` of a house are left alone, aloud."""
    row = ("Bavaria", "blue", "12", "4155550132")
    located = recognised(["Region", "Zone", "Number", "Wer"], row)
    assert (located.places.region, located.places.zone, located.places.phone) == (None, None, 3)
    assert [note.split('"')[1] for note in located.notes] == ["Zone", "Region"]
    row = ("US", "America/New_York", "4155550132")
    assert recognised(["Region", "Zone", "Number"], row).places == Places(
        phones=(2,), zone=1, region=0
    )


@pytest.mark.parametrize("header", ["Region", "Land", "Kraj"])
@pytest.mark.parametrize("cells", ["DE DE", "CA IL", "QC nsw", "US US US US X"])
def test_states_under_a_doubtful_header_are_no_countries(header, cells):
    """A number in Delaware is not called in Germany."""
    located = recognised(["Phone", header], *[("4155550132", cell) for cell in cells.split()])
    assert located.places.region is None
    assert f'"{header}" is not taken for the region' in located.notes[0]


def test_country_is_preferred_to_region():
    """Where both are there, the region is usually a part of the country."""
    assert found(["Phone", "Region", "Country"]).region == 2


def test_duplicate_and_empty_headers_are_named():
    """No column hides another: each has a name of its own in templates."""
    notes = recognised(["Phone", "Note", "", "Note"]).notes
    assert notes == (
        '2 columns are headed "Note" (B, D): templates call them note, note_2',
        "columns without a header (C): templates call them column_3",
    )


@pytest.mark.parametrize(
    ("headers", "columns", "message"),
    [
        (["Name", "Fax"], {}, "no phone column.*'Name', 'Fax'.*under \\[columns\\]"),
        (["Name", "Phone"], {"phone": "Telefon"}, "no column 'Telefon'.*'Name', 'Phone'"),
        (["Phone", "Telephone"], {}, "several columns .*'Phone', 'Telephone'.*in their order"),
        (["Phone", "Phone"], {}, "several columns .*'Phone', 'Phone'"),
        (["Phone", "Phone"], {"phone": "Phone"}, "2 columns 'Phone'"),
        (["Phone"], {"deadline": "By"}, "no column 'By', which \\[columns\\] deadline names"),
        (["Phone"], {"phone": ""}, "no phone column"),
        (["Phone"], {"phone": ("Phone", "Work")}, "no column 'Work', which \\[columns\\] phone"),
        (["Ada", "+14155550132"], {}, "a phone number where the column names should be"),
    ],
)
def test_a_doubtful_column_is_refused_with_the_columns_there_are(headers, columns, message):
    """The message is enough to mend the campaign file."""
    with pytest.raises(CallListError, match=message):
        found(headers, **columns)


def test_two_columns_of_numbers_are_not_guessed_between():
    """Content alone does not tell whose number it is."""
    with pytest.raises(CallListError, match=r"several columns .*'a', 'b'"):
        recognised(["a", "b"], ("4155550132", "2125550101"))


def test_fields_have_predictable_names():
    """A template's author can tell a placeholder from the header alone."""
    headers = [
        "First name",
        "first-name",
        "  E-Mail (work) ",
        "",
        "Prénom",
        "FIRST  NAME",
        "column 4",
    ]
    assert field_names(headers) == (
        "first_name",
        "first_name_2",
        "e_mail_work",
        "column_4",
        "prénom",
        "first_name_3",
        "column_4_2",
    )


def test_very_many_equal_headers_are_told_in_short():
    """A file of thousands of columns with one header does not fill the screen."""
    headers = ["a"] * 16_000
    assert field_names(headers)[-1] == "a_16000"
    (note,) = recognised(["Phone", *headers]).notes
    assert note == (
        '16000 columns are headed "a" (B, C, D, E, F, ...): '
        "templates call them a, a_2, a_3, a_4, a_5, ..."
    )


@pytest.mark.parametrize(("place", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ")])
def test_columns_have_the_letters_of_a_spreadsheet_program(place, letter):
    """A column without a header is found in the person's own program."""
    assert letter_of(place) == letter
