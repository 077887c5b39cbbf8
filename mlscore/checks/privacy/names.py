"""What a column's name says of persons, in English and Spanish and the abbreviations in use."""

from __future__ import annotations

import re
import unicodedata


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PHRASES = {
    "email": "email|e mail|mail|emailaddress|correo|correo electronico|correoe",
    "phone": "phone|phonenumber|telephone|tel|tlf|tlfn|tlfno|tfno|tfn|telf|telefono|tlfmovil|movil|mobile"
    "|celular|fax|msisdn|whatsapp",
    "name": "firstname|first name|fname|lastname|last name|lname|surname|forename|given name|family name"
    "|middle name|maiden name|full name|fullname|apellido|apellidos|apellido1|apellido2|ape1|ape2"
    "|apell|nombre apellidos|nombre completo|nombre y apellidos|nom ape|razon social persona"
    "|username|user name|nombre usuario|nombre pila",
    "address": "address|addr|direccion|domicilio|dir postal|calle|street|streetname|home address",
    "birth": "birth|birthdate|birthday|birth date|date of birth|dateofbirth|dob|nacimiento|fecha nacimiento"
    "|fechanacimiento|fecha nac|fec nac|fecnac|f nac|fnac|fnacimiento|fch nac",
    "national-id": "dni|nie|nif|nif nie|documento identidad|num documento|numero documento|doc identidad|passport"
    "|pasaporte|ssn|social security|nss|naf|seguridad social|num ss|national id|nationalid|id card"
    "|idcard|curp|rut|rfc|cpf|cuit|cuil|nino|codice fiscale|codicefiscale|steuerid|steuer id|cedula"
    "|nir|tax id|taxid|driving licence|drivers license|permiso conducir",
    "account": "iban|bank account|account number|accountnumber|cuenta bancaria|cuenta corriente|num cuenta"
    "|numero cuenta|ccc",
    "card": "card number|cardnumber|credit card|creditcard|cc number|card no|card num|tarjeta|num tarjeta"
    "|numero tarjeta|cvv|cvc",
    "ip": "ip|ip address|ipaddress|ip addr|client ip|remote addr|direccion ip|dir ip|mac address|mac addr"
    "|direccion mac",
    "plate": "license plate|licence plate|matricula coche|matricula vehiculo|matricula",
    "password": "password|passwd|contrasena|clave acceso",
}
LABELS = {
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "name": "persons' names",
    "address": "postal addresses",
    "birth": "dates of birth",
    "national-id": "national identity numbers",
    "account": "bank accounts",
    "card": "payment cards",
    "ip": "addresses of devices",
    "plate": "number plates",
    "password": "passwords",
    "first-name": "persons' first names",
}
# Of these the values hold letters; a column of numbers is a flag, a count or a code.
OF_LETTERS = frozenset(("email", "name", "address", "ip", "plate", "password"))
# Of these the values hold digits or an @; a text without either is a flag.
OF_DIGITS = frozenset(("email", "phone", "birth", "national-id", "account", "card", "ip"))
_KINDS = {phrase: kind for kind, phrases in _PHRASES.items() for phrase in phrases.split("|")}
_LONGEST = max(len(phrase.split()) for phrase in _KINDS)
# With one of these words a column tells about the datum and does not hold it.
_ABOUT = _set(
    """
    hmac encrypted cifrado masked anon anonymized anonimizado count cnt has is flag
    len length type tipo kind verified valid valido validated domain dominio provider proveedor bucket rate ratio
    avg mean embedding vector score status estado opt optin subject asunto template tiene con sin missing known
    changed cambio days dias year anio ano decade country pais prefix prefijo city ciudad region provincia sent
    enviado opened clicked viento wind via channel canal model modelo brand marca os bool boolean calls llamadas app
    """
)
# Digests without a key: whoever has a list of e-mail addresses or identity numbers can compute them all.
_DIGESTS = _set("hash hashed sha sha1 sha256 sha512 md5")
_PERSONS = _set(
    """
    customer client cliente user usuario patient paciente employee empleado trabajador person persona contact
    contacto holder titular passenger pasajero student alumno member socio guest huesped driver conductor author
    autor buyer comprador seller vendedor recipient destinatario sender remitente applicant solicitante beneficiary
    beneficiario first last full given family
    """
)
FIRST_NAMES = _set(
    """
    antonio manuel jose francisco david juan javier daniel carlos jesus alejandro miguel rafael pedro pablo angel
    sergio fernando jorge luis alberto alvaro diego adrian raul ivan enrique ramon ruben vicente oscar andres
    joaquin santiago eduardo victor roberto jaime mario ignacio alfonso salvador ricardo marcos jordi emilio julian
    julio guillermo gabriel tomas agustin hugo martin lucas mateo leo nicolas marc ismael samuel xavier felix
    gonzalo hector cristian maria carmen ana isabel laura dolores pilar josefa teresa rosa antonia cristina marta
    francisca lucia mercedes luisa concepcion rosario elena juana sara raquel paula manuela beatriz nuria silvia
    irene patricia montserrat rocio andrea monica alba angela sonia alicia sandra susana margarita marina yolanda
    natalia eva inmaculada claudia esther noelia carla veronica sofia carolina nerea ines miriam lorena daniela
    martina julia valeria emma noa james john robert michael william richard joseph thomas charles christopher
    matthew anthony mark donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason
    jeffrey ryan jacob gary eric jonathan stephen larry justin scott brandon mary jennifer linda elizabeth barbara
    susan jessica sarah karen lisa nancy betty margaret ashley kimberly emily donna michelle amanda dorothy melissa
    deborah stephanie rebecca sharon cynthia kathleen amy anna pamela nicole samantha katherine christine helen
    rachel
    """
)
SOME_NAMES = 0.3  # of the distinct values so many begin with a common first name
NO_NAMES = 0.02


def words(name: str) -> tuple[str, ...]:
    """The words of a column's name: lower case, without accents, cut at signs and at capitals."""
    cut = re.sub(r"(?<=[a-z0-9ñáéíóú])(?=[A-ZÁÉÍÓÚÑ])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    plain = "".join(char for char in unicodedata.normalize("NFKD", cut) if not unicodedata.combining(char))
    found = re.findall(r"[a-z]+[0-9]*|[0-9]+", plain.lower())
    return tuple(word for word in found if word not in ("de", "del", "of", "the", "la", "el"))


def kind_by_name(name: str) -> str | None:
    """The kind of personal data that a column's name promises; None where it promises none."""
    found = words(name)
    if set(found) & _ABOUT:
        return None
    for length in range(min(_LONGEST, len(found)), 0, -1):
        for start in range(len(found) - length + 1):
            phrase = " ".join(found[start : start + length])
            kind = _KINDS.get(phrase) or _KINDS.get(re.sub(r"[0-9]+$", "", phrase).strip())
            if kind is not None:
                return None if kind == "address" and set(found) & {"web", "url", "memory"} else kind
    if set(found) & {"name", "nombre"} and set(found) & _PERSONS:
        return "name"
    return None


def of_digests(name: str) -> bool:
    """Whether the name says that the column holds digests of something."""
    return bool(set(words(name)) & _DIGESTS)


def bare_name(name: str) -> bool:
    """Whether the column is called `name` or `nombre` and nothing more: of whom or what, its values must tell."""
    return words(name) in (("name",), ("nombre",), ("nom",), ("nombres",))


def begins_with_first_name(value: str) -> bool:
    """Whether a text of at most five words, and no digits, begins with a common Spanish or English first name."""
    found = words(value)
    return 0 < len(found) <= 5 and found[0] in FIRST_NAMES and not any(char.isdigit() for char in value)


def axis(name: str) -> str | None:
    """`latitude` or `longitude`, where the name says so."""
    found = set(words(name))
    if found & {"lat", "latitude", "latitud"}:
        return "latitude"
    return "longitude" if found & {"lon", "lng", "long", "longitude", "longitud"} else None
