"""Personal data: how often each kind is found, and how often look-alikes are taken for it, on generated columns.

`python -m benchmarks privacy --write` puts the tables into docs/data/privacy.md.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable
from hashlib import md5

import pyarrow as pa

from mlscore.checks.intervals import share
from mlscore.checks.privacy import digits
from mlscore.checks.privacy.personal import find_personal_data

RUNS, QUICK_RUNS = 50, 1
DETECTION, FALSE_ALARMS = 0.95, 0.01
SIZES = (1, 10, 100, 1_000)  # rows of a column of look-alikes
ROWS = 1_000
SEED = 3  # of the published figures; the detectors were mended while looking at others
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
Make = Callable[[random.Random], str]


def number(dice: random.Random, length: int, first: str = "123456789") -> str:
    """Digits, the first of them from `first`."""
    return dice.choice(first) + "".join(dice.choice("0123456789") for _ in range(length - 1))


def completed(dice: random.Random, make: Make, valid: Callable[[str], bool]) -> str:
    """What `make` gives, until it is valid."""
    while not valid(text := make(dice)):
        pass
    return text


def card(dice: random.Random) -> str:
    start = dice.choice(["4", "51", "52", "53", "54", "55", "2221", "37"])
    length = 15 if start == "37" else 16
    return completed(
        dice, lambda d: start + "".join(d.choice("0123456789") for _ in range(length - len(start))), digits.card
    )


def dni(dice: random.Random) -> str:
    plain = f"{dice.randrange(1_000_000, 99_999_999):08d}"
    return plain + digits.DNI_LETTERS[int(plain) % 23]


def iban(dice: random.Random) -> str:
    country = dice.choice(["ES", "DE", "FR", "PT", "IT"])
    rest = "".join(dice.choice("0123456789") for _ in range(digits.IBAN_LENGTHS[country] - 4))
    if country == "IT":
        rest = dice.choice(LETTERS) + rest[1:]
    check = 98 - int("".join(str(int(char, 36)) for char in rest + country + "00")) % 97
    return f"{country}{check:02d}{rest}"


def steuer_id(dice: random.Random) -> str:
    ten = dice.sample("0123456789", 9)
    ten.insert(dice.randrange(9), dice.choice(ten))
    if ten[0] == "0":
        return steuer_id(dice)
    return completed(dice, lambda d: "".join(ten) + d.choice("0123456789"), digits.steuer_id)


def codice_fiscale(dice: random.Random) -> str:
    head = "".join(dice.choice(LETTERS) for _ in range(6)) + f"{dice.randrange(100):02d}{dice.choice('ABCDEHLMPRST')}"
    body = f"{head}{dice.choice([0, 40]) + dice.randrange(1, 29):02d}{dice.choice('AFGHL')}{dice.randrange(1, 999):03d}"
    return completed(dice, lambda d: body + d.choice(LETTERS), digits.codice_fiscale)


def curp(dice: random.Random) -> str:
    consonants = "".join(dice.choice("BCDFGHJKLMNPQRSTVWXYZ") for _ in range(3))
    body = (
        f"{dice.choice(LETTERS)}{dice.choice('AEIOU')}{dice.choice(LETTERS)}{dice.choice(LETTERS)}{dice.randrange(40, 99)}"
        f"{dice.randrange(1, 13):02d}{dice.randrange(1, 29):02d}{dice.choice('HM')}{dice.choice(['DF', 'JC', 'NL', 'OC'])}"
        f"{consonants}0"
    )
    return completed(dice, lambda d: body + d.choice("0123456789"), digits.curp)


def ssn(dice: random.Random) -> str:
    plain = completed(
        dice, lambda d: f"{d.randrange(1, 900):03d}{d.randrange(1, 100):02d}{d.randrange(1, 10_000):04d}", digits.ssn
    )
    return f"{plain[:3]}-{plain[3:5]}-{plain[5:]}"


def rut(dice: random.Random) -> str:
    body = str(dice.randrange(5_000_000, 27_000_000))
    return f"{body}-{completed(dice, lambda d: body + d.choice('0123456789K'), digits.rut)[-1]}"


def mail(dice: random.Random) -> str:
    local = dice.choice(["ana", "j.perez", "maria-l", "info"])
    return f"{local}{dice.randrange(10**4)}@{dice.choice(['correo.es', 'mail.com'])}"


def address(dice: random.Random) -> str:
    return f"{dice.randrange(31, 224)}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"


def place(dice: random.Random) -> str:
    return f"{dice.uniform(36, 43.7):.6f}, {dice.uniform(-9, 3.3):.6f}"


def tried(shape: Make, valid: Callable[[str], bool]) -> Make:
    return lambda dice: completed(dice, shape, valid)


KINDS: dict[str, Make] = {
    "email": mail,
    "phone": lambda d: f"+34{number(d, 9, '6')}",
    "phone-es": lambda d: number(d, 9, "6") if d.random() < 0.7 else "9" + number(d, 8, "12345678"),
    "iban": iban,
    "card": card,
    "dni": dni,
    "nie": tried(lambda d: f"{d.choice('XYZ')}{d.randrange(10**7):07d}{d.choice(digits.DNI_LETTERS)}", digits.nie),
    "nif-pt": tried(lambda d: number(d, 9, "12"), digits.portuguese_nif),
    "nir": tried(lambda d: f"{d.choice('12')}{d.randrange(40, 99)}{d.randrange(1, 13):02d}{number(d, 10)}", digits.nir),
    "codice-fiscale": codice_fiscale,
    "steuer-id": steuer_id,
    "nino": tried(lambda d: f"{d.choice(LETTERS)}{d.choice(LETTERS)}{number(d, 6)}{d.choice('ABCD')}", digits.nino),
    "ssn": ssn,
    "rut": rut,
    "cuit": tried(lambda d: d.choice(["20", "27", "23"]) + number(d, 9), digits.cuit),
    "curp": curp,
    "cpf": tried(lambda d: number(d, 11, "0123456789"), digits.cpf),
    "ip": address,
    "ipv6": lambda d: f"2001:db8:{d.randrange(1, 16**4):x}::{d.randrange(256, 16**4):x}",
    "mac": lambda d: ":".join(["a4", *(f"{d.randrange(256):02x}" for _ in range(5))]),
    "coordinates": place,
}
# In the middle of a sentence most people name what they write down; cards and accounts they do not.
SENTENCES = {
    "phone-es": "Llámame al {} por favor",
    "nif-pt": "O meu NIF é {} obrigado",
    "steuer-id": "meine Steuer-ID {} lautet",
    "cuit": "mi CUIT es {} gracias",
    "cpf": "meu CPF {} obrigado",
    "ip": "entró desde la IP {} ayer",
    "coordinates": "estoy en coordenadas {} ahora",
}
SENTENCE = "El cliente dice {} y nada más"


def counted(dice: random.Random, first: int, rows: int) -> list[object]:
    """Numbers that were given out one after the other."""
    start = first + dice.randrange(first // 100)
    return list(range(start, start + rows))


LOOK_ALIKES: dict[str, Callable[[random.Random, int], list[object]]] = {
    "order numbers, 16 digits": lambda d, n: [number(d, 16) for _ in range(n)],
    "order numbers, 16 digits from 4…": lambda d, n: [number(d, 16, "4") for _ in range(n)],
    "order numbers counted up, 16 digits": lambda d, n: counted(d, 4 * 10**15, n),
    "order numbers, 15 digits": lambda d, n: [number(d, 15) for _ in range(n)],
    "order numbers, 11 digits": lambda d, n: [number(d, 11) for _ in range(n)],
    "order numbers, 9 digits": lambda d, n: [number(d, 9) for _ in range(n)],
    "order numbers, 9 digits, as integers": lambda d, n: [int(number(d, 9)) for _ in range(n)],
    "order numbers counted up from 600,000,000": lambda d, n: counted(d, 600_000_000, n),
    "order numbers with zeros before": lambda d, n: [f"{d.randrange(10**11):014d}" for _ in range(n)],
    "order numbers in a sentence": lambda d, n: [f"Su pedido {number(d, 16)} ha salido" for _ in range(n)],
    "EAN-13": lambda d, n: [str(8_400_000_000_000 + d.randrange(10**11)) for _ in range(n)],
    "product codes, 8 digits and a letter": lambda d, n: [number(d, 8) + d.choice(LETTERS) for _ in range(n)],
    "product codes, 2 letters, 6 digits, a letter": lambda d, n: [
        f"{d.choice(LETTERS)}{d.choice(LETTERS)}{number(d, 6)}{d.choice(LETTERS)}" for _ in range(n)
    ],
    "part numbers 123-45-6789": lambda d, n: [
        f"{number(d, 3)}-{number(d, 2, '0123456789')}-{number(d, 4)}" for _ in range(n)
    ],
    "codes 1234-5678-9012-3456": lambda d, n: ["-".join(number(d, 4) for _ in range(4)) for _ in range(n)],
    "codes 12.345.678-9": lambda d, n: [
        f"{number(d, 2)}.{number(d, 3)}.{number(d, 3)}-{number(d, 1)}" for _ in range(n)
    ],
    "UUIDs": lambda d, n: [str(uuid.UUID(int=d.getrandbits(128))) for _ in range(n)],
    "MD5 hashes": lambda d, n: [md5(number(d, 9).encode()).hexdigest() for _ in range(n)],
    "upper-case hashes of 24 characters": lambda d, n: [f"{d.getrandbits(96):024X}" for _ in range(n)],
    "timestamps, seconds": lambda d, n: [d.randrange(946_684_800, 1_900_000_000) for _ in range(n)],
    "timestamps, milliseconds": lambda d, n: [d.randrange(1_500_000_000_000, 1_900_000_000_000) for _ in range(n)],
    "timestamps, microseconds": lambda d, n: [d.randrange(15 * 10**14, 19 * 10**14) for _ in range(n)],
    "timestamps, ISO 8601": lambda d, n: [
        f"2024-{d.randrange(1, 13):02d}-{d.randrange(1, 29):02d}T{d.randrange(24):02d}:{d.randrange(60):02d}:07.12345+02:00"
        for _ in range(n)
    ],
    "floats": lambda d, n: [d.random() for _ in range(n)],
    "floats as text": lambda d, n: [repr(d.gauss(0, 1)) for _ in range(n)],
    "amounts 1.234.567,89": lambda d, n: [
        f"{d.randrange(1, 999)}.{number(d, 3)}.{number(d, 3)},{number(d, 2)}" for _ in range(n)
    ],
    "versions": lambda d, n: [
        f"{d.randrange(20)}.{d.randrange(20)}.{d.randrange(20)}.{d.randrange(30)}" for _ in range(n)
    ],
    "builds 10.0.19041.1234": lambda d, n: [
        f"10.0.{d.randrange(10_000, 30_000)}.{d.randrange(3_000)}" for _ in range(n)
    ],
    "package@version": lambda d, n: [f"lib{d.randrange(99)}@{d.randrange(20)}.{d.randrange(20)}.1" for _ in range(n)],
    "files icon@2x.png": lambda d, n: [f"icon{d.randrange(999)}@{d.randrange(2, 4)}x.png" for _ in range(n)],
    "embeddings as text": lambda d, n: [
        "[" + ", ".join(f"{d.gauss(0, 1):.6f}" for _ in range(8)) + "]" for _ in range(n)
    ],
    "pairs of shares": lambda d, n: [f"{d.random():.6f}, {d.random():.6f}" for _ in range(n)],
    "company tax numbers (CIF)": lambda d, n: [
        completed(d, lambda e: f"{e.choice('AB')}{number(e, 7)}{e.choice('0123456789')}", digits.cif) for _ in range(n)
    ],
}


def kinds_in(columns: dict[str, list[object]]) -> dict[str, set[str]]:
    """The kinds found in each column; the names say nothing."""
    names = {f'column "c{at}"': name for at, name in enumerate(columns)}
    table = pa.table({f"c{at}": pa.array(values) for at, values in enumerate(columns.values())})
    kinds: dict[str, set[str]] = {name: set() for name in columns}
    for one in find_personal_data(table, by_name=False).found:
        kinds[names[one.column]].add(one.kind)
    return kinds


def hidden(dice: random.Random, rows: int, text: str) -> list[object]:
    """Sentences about nothing, and one row with a text among them."""
    texts: list[object] = ["Todo bien con el envío, gracias"] * rows
    texts[dice.randrange(rows)] = text
    return texts


def detected(kinds: Iterable[str], runs: int, rows: int, seed: int) -> dict[str, list[int]]:
    """In how many runs each kind is found: a whole column of it, one row that names it, one row that does not."""
    counts = {kind: [0, 0, 0] for kind in kinds}
    for run in range(runs):
        for kind, count in counts.items():
            dice = random.Random(f"{seed} {kind} {run}")
            one = KINDS[kind](dice)
            columns = {
                "whole": [KINDS[kind](dice) for _ in range(rows)],
                "named": hidden(dice, rows, SENTENCES.get(kind, SENTENCE).format(one)),
                "unnamed": hidden(dice, rows, SENTENCE.format(one)),
            }
            found = kinds_in(columns)
            for at, name in enumerate(columns):
                count[at] += kind in found[name]
    return counts


def alarmed(runs: int, rows: int, seed: int) -> dict[str, tuple[int, set[str]]]:
    """In how many runs a column of each look-alike is taken for personal data, and for which kinds."""
    counts: dict[str, tuple[int, set[str]]] = {name: (0, set()) for name in LOOK_ALIKES}
    for run in range(runs):
        columns = {name: make(random.Random(f"{seed} {name} {run}"), rows) for name, make in LOOK_ALIKES.items()}
        for name, kinds in kinds_in(columns).items():
            count, all_kinds = counts[name]
            counts[name] = (count + bool(kinds), all_kinds | kinds)
    return counts


def interval(hits: int, trials: int) -> str:
    """A share with Wilson's interval at 95 %."""
    found = share(hits, trials)
    return f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%})"


def run(quick: bool) -> dict[str, object]:
    """Rows for `python -m benchmarks`: whole columns found, look-alikes taken for personal data; and the page's tables."""
    runs = QUICK_RUNS if quick else RUNS
    found = detected(KINDS, runs, ROWS, SEED)
    alarms = {rows: alarmed(runs, rows, SEED) for rows in SIZES}
    missed = [kind for kind, counts in found.items() if counts[0] < DETECTION * runs]
    rows: list[dict[str, object]] = [
        {
            "what": f"kinds of personal data found in 95 % of columns of {ROWS:,} rows or more",
            "figure": len(found) - len(missed),
            "unit": "",
            "sign": "≥",
            "limit": len(found),
            "met": not missed,
            "detail": f"missed: {', '.join(missed)}" if missed else f"{runs} columns each, none missed",
        }
    ]
    for size in SIZES[1:]:
        wrong = sum(count for count, _ in alarms[size].values())
        of = runs * len(LOOK_ALIKES)
        rows.append(
            {
                "what": f"columns of look-alikes of {size:,} rows taken for personal data",
                "figure": round(100 * wrong / of, 2),
                "unit": "%",
                "limit": 100 * FALSE_ALARMS,
                "met": wrong <= FALSE_ALARMS * of,
                "detail": f"{wrong} of {of}",
            }
        )
    page = {"path": "docs/data/privacy.md", "section": "privacy", "text": tables(runs, found, alarms)}
    return {"rows": rows, "page": page}


def tables(runs: int, found: dict[str, list[int]], alarms: dict[int, dict[str, tuple[int, set[str]]]]) -> str:
    """Both tables in Markdown."""
    lines = [f"Found in {runs} generated columns of {ROWS:,} rows (95 % interval):", ""]
    lines += ["| kind | a whole column | one row, named | one row, not named |", "|---|---|---|---|"]
    for kind, counts in found.items():
        lines.append(f"| `{kind}` | {' | '.join(interval(count, runs) for count in counts)} |")
    lines += ["", f"Columns of look-alikes taken for personal data, of {runs} of so many rows:", ""]
    lines += [
        f"| look-alikes | {' | '.join(f'{n:,}' for n in alarms)} | taken for |",
        "|---|" + "---|" * (len(alarms) + 1),
    ]
    for name in LOOK_ALIKES:
        kinds = set().union(*(by_name[name][1] for by_name in alarms.values()))
        shares = " | ".join(f"{by_name[name][0] / runs:.0%}" for by_name in alarms.values())
        lines.append(f"| {name} | {shares} | {', '.join(f'`{kind}`' for kind in sorted(kinds)) or '–'} |")
    of = runs * len(LOOK_ALIKES)
    totals = (interval(sum(count for count, _ in by_name.values()), of) for by_name in alarms.values())
    lines.append(f"| all | {' | '.join(totals)} | |")
    return "\n".join(lines)
