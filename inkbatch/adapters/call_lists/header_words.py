"""The words by which people head their columns, in the languages that lists come in.

Words stand as `normalised` writes them: lower case, without accents, `_` between them.
"""

import re
import unicodedata

_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d"})

_YES_OR_NO = re.compile(r"_(y_n|yes_no|j_n|ja_nein|o_n|oui_non|true_false|1_0|0_1|flag)$", re.ASCII)
_ABOUT_CONSENT = re.compile(
    r"(^|_)(consent|opt_?in|opt_?out|opted_out|unsubscribed?|dnc|donotcall|don_?t_call"
    r"|do_not_(call|contact|phone))(_|$)"
)


def words(text: str) -> frozenset[str]:
    """Return the words of a text, so that a long set of them stays readable."""
    return frozenset(text.split())


MOBILE = words(
    "mobile mobil cell cellphone cellular smartphone handy handynr handynummer mobiltelefon "
    "mobilnr mobilnummer mobilfunk mobilfunknummer natel portable gsm movil celular cellulare "
    "telemovel mobiel mobieltje komorka komorkowy komorkowa mobilephone mobilenumber"
)
LANDLINE = words("landline festnetz festnetznummer fixe fijo fisso fixo stacjonarny stacjonarna")
PHONE = words(
    "phone telephone tel telephonenumber phonenumber phoneno telno msisdn telefon telefonnr "
    "telefonnummer telnr rufnummer fon telefono telf tlf telefone telefoon telefoonnummer telefonu"
)
WORK = words(
    "work business office company job beruflich dienstlich geschaeftlich geschaftlich arbeit firma "
    "buero buro dienst travail bureau professionnel pro trabajo oficina empresa trabalho lavoro "
    "ufficio werk zakelijk kantoor praca sluzbowy sluzbowa biuro firmowy firmowa"
)
HOME = words(
    "home private house personal privat zuhause domicile maison personnel prive casa particular "
    "domicilio abitazione residencial thuis domowy domowa prywatny prywatna"
)
OTHER = words("other alternative alternate secondary second weitere autre otro altro outro andere")
NUMBER = words("number no nr num nummer numero numer contact kontakt contacto contatto")
NEUTRAL = NUMBER | words(
    "n de du di do da des the primary main customer client kunde kunden value primaer haupt e164"
)

ROLES: dict[str, tuple[str, ...]] = {
    "zone": (
        *("time_zone", "timezone", "iana_time_zone", "zeitzone", "fuseau_horaire", "fuseau"),
        *("zona_horaria", "huso_horario", "fuso_orario", "fuso_horario", "tijdzone"),
        *("strefa_czasowa", "tz", "zone"),
    ),
    "region": (
        *("country", "country_code", "land", "laendercode", "landercode", "pays", "code_pays"),
        *("pais", "codigo_pais", "paese", "nazione", "landcode", "kraj", "region"),
    ),
    "priority": (
        *("priority", "prio", "prioritaet", "prioritat", "priorite", "prioridad", "priorita"),
        *("prioridade", "prioriteit", "priorytet"),
    ),
    "not_before": (
        *("not_before", "call_after", "nicht_vor", "anrufen_ab", "pas_avant", "appeler_apres"),
        *("no_antes_de", "llamar_despues_de", "non_prima_di", "chiamare_dopo", "nao_antes_de"),
        *("ligar_depois_de", "niet_voor", "bellen_na", "nie_przed", "dzwonic_po"),
    ),
    "deadline": (
        *("deadline", "call_before", "call_by", "not_after", "nicht_nach", "anrufen_bis"),
        *("date_limite", "appeler_avant", "fecha_limite", "llamar_antes_de", "non_dopo"),
        *("chiamare_entro", "data_limite", "ligar_antes_de", "niet_na", "bellen_voor"),
        *("nie_po", "dzwonic_przed"),
    ),
    "consent": (
        *("consent", "consent_to_call", "call_consent", "opt_in", "optin", "may_call"),
        *("permission_to_call", "einwilligung", "zustimmung", "consentement", "consentimiento"),
        *("consenso", "consentimento", "toestemming", "zgoda"),
    ),
    "do_not_call": (
        *("do_not_call", "donotcall", "dnc", "opt_out", "optout", "unsubscribed", "no_call"),
        *("opted_out", "unsubscribe", "do_not_contact", "do_not_phone"),
        *("nicht_anrufen", "werbesperre", "ne_pas_appeler", "opposition", "no_llamar"),
        *("non_chiamare", "nao_ligar", "nao_telefonar", "niet_bellen", "nie_dzwonic"),
    ),
    "name": (
        *("name", "full_name", "vor_und_nachname", "vollstaendiger_name", "nom_complet"),
        *("nombre_completo", "nome_completo", "volledige_naam", "naam", "imie_i_nazwisko"),
    ),
    "first_name": (
        *("first_name", "firstname", "given_name", "forename", "vorname", "prenom", "nombre"),
        *("nome", "voornaam", "imie", "primeiro_nome"),
    ),
    "last_name": (
        *("last_name", "lastname", "surname", "family_name", "nachname", "familienname", "nom"),
        *("nom_de_famille", "apellido", "apellidos", "cognome", "apelido", "sobrenome"),
        *("achternaam", "nazwisko"),
    ),
}
"""Headers of all roles but the phone; of several in a file, the first in this order is taken."""

DOUBTFUL = {"zone": words("zone tz fuseau"), "region": words("region land kraj")}
"""Headers that mean other things too: they are believed if the cells under them agree."""


def normalised(header: str) -> str:
    """Return a header in lower case without accents: `Téléphone (Büro)` is `telephone_buro`."""
    bare = unicodedata.normalize("NFKD", header.casefold().translate(_LETTERS))
    letters = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", "_", letters).strip("_")


def consent_role(header: str) -> str | None:
    """Return `consent` or `do_not_call` for a header that surely is one, as `DNC (Y/N)` is."""
    bare = _YES_OR_NO.sub("", normalised(header))
    return next((role for role in ("consent", "do_not_call") if bare in ROLES[role]), None)


def mentions_consent(header: str) -> bool:
    """Whether a header speaks of consent, though it may mean its date or that to letters."""
    return _ABOUT_CONSENT.search(normalised(header)) is not None


def phone_rank(header: str) -> tuple[int, int, int] | None:
    """Return how good a phone column is by its header, the least is best; None if it is none.

    Mobile before plain before others; of each, unqualified before work before home; `Phone 1`
    before `Phone 2`. The first part is 3 for a word such as `Number` that cells must confirm.
    """
    parts = re.sub(r"(?<=[a-z])(?=\d)", "_", normalised(header)).split("_")
    ordinals = [int(part) for part in parts if re.fullmatch(r"\d{1,2}", part, re.ASCII)]
    names = {part for part in parts if not part.isdecimal()}
    if names - (MOBILE | LANDLINE | PHONE | WORK | HOME | OTHER | NEUTRAL | {"e", "164"}):
        return None
    if names & MOBILE:
        kind = 0
    elif names & (PHONE | LANDLINE):
        kind = 1
    elif names & NUMBER and not names & (WORK | HOME | OTHER):
        kind = 3
    else:
        return None
    if names & OTHER:
        kind = 2
    owner = 1 if names & WORK else 2 if names & (HOME | LANDLINE) else 0
    return (kind, owner, ordinals[0] if len(ordinals) == 1 else 0)
