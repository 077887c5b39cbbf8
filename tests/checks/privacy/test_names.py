"""Names of columns: what they promise, in English, Spanish and abbreviations, and what only sounds alike."""

from __future__ import annotations

import pytest

from mlscore.checks.privacy.names import axis, bare_name, begins_with_first_name, kind_by_name, of_digests, words

PROMISES = {
    "email": "email e-mail EMAIL emailAddress user_email correo correo_electronico CorreoElectrónico mail",
    "phone": "phone phone_number tlf TLF1 tfno telefono teléfono_fijo movil Móvil telefonoMovil celular mobile",
    "name": "first_name lastName surname apellido apellidos primer_apellido APELLIDO_1 ape1 nombre_cliente customer_name "
    "nombreCompleto full_name username",
    "address": "address direccion Dirección home_address domicilio calle direccion_envio",
    "birth": "birth_date date_of_birth dob fecha_nacimiento fechaNacimiento fec_nac F_NAC fecha_de_nacimiento birthday",
    "national-id": "dni DNI_titular nif nie num_documento passport pasaporte ssn social_security_number curp rut cpf cuit",
    "account": "iban IBAN_cliente cuenta_bancaria account_number num_cuenta",
    "card": "card_number num_tarjeta tarjeta credit_card cvv",
    "ip": "ip client_ip ip_address direccion_ip mac_address",
    "plate": "matricula license_plate",
    "password": "password contraseña",
}


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for kind, names in PROMISES.items() for name in names.split()])
def test_what_names_promise(name, kind):
    assert kind_by_name(name) == kind


SOUNDS_ALIKE = (
    "product_name nombre_producto file_name filename hostname column_name description email_encrypted user_hash has_email "
    "n_emails email_verified email_domain phone_type tiene_telefono birth_year anio_nacimiento wind_direction "
    "direccion_viento web_address card_type panel rutina route ship_via zip city dep_delay tailnum origin carrier air_time "
    "distance arr_time user_id x1 clip tip recipe nacional niebla celula calletas telemetry"
)


@pytest.mark.parametrize("name", SOUNDS_ALIKE.split())
def test_what_only_sounds_alike(name):
    assert kind_by_name(name) is None


def test_words_are_cut_at_signs_and_capitals():
    assert words("fechaDeNacimientoDNI_titular2") == ("fecha", "nacimiento", "dni", "titular2")
    assert words("Nº Teléfono") == ("no", "telefono")
    assert words("🙂") == ()


def test_digests_of_personal_data_are_personal_data():
    assert (kind_by_name("email_sha256"), of_digests("email_sha256")) == ("email", True)
    assert not of_digests("email")


def test_a_bare_name_says_nothing_of_whom():
    assert bare_name("Nombre")
    assert bare_name("name")
    assert not bare_name("nombre_producto")
    assert kind_by_name("nombre") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("María López", True),
        ("jose", True),
        ("John A. Smith", True),
        ("Juan 23", False),
        ("London", False),
        ("", False),
        ("ana fue ayer a la tienda de abajo", False),
    ],
)
def test_first_names(value, expected):
    assert begins_with_first_name(value) is expected


def test_axes():
    assert [axis(name) for name in ("lat", "home_latitude", "lng", "longitud", "platform", "belong")] == [
        "latitude", "latitude", "longitude", "longitude", None, None,
    ]  # fmt: skip
