"""``kentongan init``: everything a new installation needs."""

import re
from typing import Annotated

import typer

from cli.output import _
from config.words import N_

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LONGEST_NAME = 120  # letters; models.office.Office.name


def init(
    code: Annotated[str, typer.Option(help="Short code of the office.")] = "",
    name: Annotated[str, typer.Option(help="Name of the office.")] = "",
    login: Annotated[str, typer.Option(help="Sign-in name of the first person.")] = "",
    person: Annotated[str, typer.Option(help="Full name of the first person.")] = "",
    password: Annotated[
        str,
        typer.Option(
            envvar="FIRST_PASSWORD", help="From the environment, or asked for."
        ),
    ] = "",
    timezone: Annotated[
        str, typer.Option(help="Asia/Jakarta, Asia/Makassar or Asia/Jayapura.")
    ] = "Asia/Jakarta",
) -> None:
    """Create settings, key, database, office and its first administrator."""
    from config.settings import load_settings, settings_file
    from models.errors import InvalidInput
    from models.scope import SystemScope
    from pipeline import setup
    from pipeline.unit import Store, now_utc

    overrides = {"timezone": timezone} if not settings_file().exists() else {}
    settings = load_settings(new=True, **overrides)
    store = Store(settings.database_url)
    try:
        with_key = setup.prepare(store, settings)
        with store.read(SystemScope("init")) as work:
            if work.offices.all():
                raise InvalidInput(
                    N_("Kantor sudah ada di sini. Tambah orang: kentongan user add")
                )
        setup.first_office(
            store,
            settings,
            code=_code(code or typer.prompt(_("Kode kantor"), default="polres")),
            name=_name(name or typer.prompt(_("Nama kantor"))),
            login=login or typer.prompt(_("Nama masuk pengelola"), default="admin"),
            person=person or typer.prompt(_("Nama lengkap pengelola")),
            password=password
            or typer.prompt(
                _("Kata sandi (paling sedikit 10 huruf)"),
                hide_input=True,
                confirmation_prompt=True,
            ),
            now=now_utc(),
        )
    finally:
        store.close()
    if setup.write_settings(settings_file(), settings):
        print(_("Pengaturan: {file}").format(file=settings_file()))
    if with_key:
        print(
            _("Kunci: {file} (cadangkan di tempat lain)").format(file=settings.key_file)
        )
    print(_("Siap. Jalankan: kentongan run"))


def _code(typed: str) -> str:
    from models.errors import InvalidInput

    code = typed.strip().lower()
    if not _CODE.fullmatch(code):
        raise InvalidInput(
            N_("Kode kantor: 1 sampai 40 huruf kecil, angka, atau tanda hubung."),
            "code",
        )
    return code


def _name(typed: str) -> str:
    from models.errors import InvalidInput

    name = typed.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput(N_("Nama kantor: 1 sampai 120 huruf."), "name")
    return name
