"""``kentongan init``: everything a new installation needs."""

from typing import Annotated

import typer

from cli.output import words


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
    from models.errors import Conflict
    from models.scope import SystemScope
    from pipeline import setup
    from pipeline.unit import Store, now_utc

    _ = words()
    overrides = {"timezone": timezone} if not settings_file().exists() else {}
    settings = load_settings(**overrides)
    store = Store(settings.database_url)
    try:
        with_key = setup.prepare(store, settings)
        with store.read(SystemScope("init")) as work:
            if work.offices.all():
                raise Conflict("an office is here already")
        setup.first_office(
            store,
            settings,
            code=code or typer.prompt(_("Kode kantor"), default="polres"),
            name=name or typer.prompt(_("Nama kantor")),
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
