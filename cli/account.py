"""``kentongan account``: connect, list, golive, rehearse, stop, resume, cap."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cli.context import Context
    from networks.capabilities import Capabilities

app = typer.Typer(help="Accounts on networks.", no_args_is_help=True)


@app.command()
def connect(
    network: Annotated[
        str, typer.Argument(help="Code of the network, as in docs/networks.")
    ],
    base_url: Annotated[
        str, typer.Option(help="Address of the instance, where the network has many.")
    ] = "",
    sign_in: Annotated[
        bool,
        typer.Option(
            "--pin",
            "--oauth",
            help="Sign in on the network and bring back its code (X, Mastodon).",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Connect an account; its keys are asked for, tried, and kept encrypted.

    Each key may also come from the environment as KEY_NAME in capitals, e.g.
    ACCESS_TOKEN, so that none stands in the shell's history.
    """
    from pipeline import permissions, wiring

    with opened() as here:
        known = wiring.capabilities(network)
        for scope, why in permissions.needed(known):
            typer.echo(
                _("Izin {scope}: {why}").format(scope=scope, why=_(why)), err=True
            )
        way = _by_sign_in if sign_in else _by_keys
        account_id = way(here, known, base_url)
        with here.store.read(here.office) as work:
            account = work.accounts.get(account_id)
    if as_json:
        print_json({"id": account_id, "handle": account.handle, "mode": account.mode})
        return
    say(
        _("Tersambung: {handle} (nomor {id}), masih gladi.").format(
            handle=account.handle, id=account_id
        )
    )
    print(_("Bila sudah yakin: kentongan account golive {id}").format(id=account_id))


def _by_keys(here: "Context", known: "Capabilities", base_url: str) -> int:
    from pipeline.accounts import connect_account
    from pipeline.unit import now_utc

    return connect_account(
        here.store,
        here.vault,
        here.settings,
        here.person,
        network=known.name,
        base_url=base_url,
        secrets=_asked(known, known.secrets),
        now=now_utc(),
    )


def _by_sign_in(here: "Context", known: "Capabilities", base_url: str) -> int:
    from pipeline import signing_in, wiring
    from pipeline.unit import now_utc

    module = wiring.sign_in(known.name)
    begun = signing_in.begin(
        here.vault,
        here.settings,
        here.person,
        network=known.name,
        base_url=base_url,
        typed=_asked(known, module.TYPED if module else ()),
        now=now_utc(),
    )
    typer.echo(_("Buka alamat ini, masuk, dan izinkan Kentongan:"), err=True)
    typer.echo(begun.address, err=True)
    return signing_in.finish(
        here.store,
        here.vault,
        here.settings,
        here.person,
        sealed=begun.sealed,
        code=typer.prompt(_("Kode yang ditampilkan di sana"), err=True),
        now=now_utc(),
    )


def _asked(known: "Capabilities", names: "Iterable[str]") -> dict[str, str]:
    """Keys from the environment, or from the person; hidden unless no secret."""
    import os

    return {
        name: os.environ.get(name.upper())
        or typer.prompt(name.replace("_", " "), hide_input=name not in known.shown)
        for name in names
    }


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the office's accounts."""
    from models.stop import by_account
    from pipeline.unit import now_utc

    with opened() as here:
        with here.store.read(here.office) as work:
            accounts = work.accounts.listed()
            stopped = by_account(work.stops.standing(now_utc()))
        print_rows(
            [
                {
                    "id": one.id,
                    "network": one.network,
                    "handle": one.handle,
                    "mode": one.mode,
                    "health": one.health,
                    "stopped": one.id in stopped,
                    "stopped_until": stopped[one.id].until
                    if one.id in stopped
                    else None,
                    "heard_at": one.heard_at,
                }
                for one in accounts
            ],
            as_json=as_json,
            zone=here.zone,
        )


@app.command()
def golive(account_id: int) -> None:
    """End the rehearsal: from now on its posts leave the house."""
    from pipeline.accounts import golive as go
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        held = go(work, here.person, account_id, now_utc())
    print(_("Akun sekarang aktif. Kiriman berikutnya benar-benar terbit."))
    if held:
        print(
            _("{n} kiriman gladi tetap ditahan; lepaskan satu per satu.").format(n=held)
        )


@app.command()
def rehearse(account_id: int) -> None:
    """Go back to rehearsal: nothing of this account leaves the house."""
    from pipeline.accounts import back_to_rehearsal
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        back_to_rehearsal(work, here.person, account_id, now_utc())
    print(_("Akun kembali gladi. Tidak ada yang keluar."))


@app.command()
def stop(
    account_id: int,
    reason: Annotated[str, typer.Option(help="Why; stands in the audit log.")],
    hours: Annotated[
        float | None, typer.Option(help="Ends by itself after so many hours.")
    ] = None,
) -> None:
    """Stop an account at once; honoured up to the last look before a send."""
    from cli.stop import end_after
    from models.stop import Target
    from pipeline import stopping
    from pipeline.unit import now_utc

    now = now_utc()
    until = end_after(hours, now)
    with opened() as here, here.store.write(here.office, durable=True) as work:
        stopping.stop(work, here.person, Target(account_id), reason, until, now)
    print(_("Akun dihentikan. Kiriman ditahan."))


@app.command()
def resume(account_id: int) -> None:
    """Let a stopped account go on: by who stopped it, an approver or an admin."""
    from models.stop import Target
    from pipeline.stopping import end_all_of
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        end_all_of(work, here.person, Target(account_id), now_utc())
    print(_("Akun berjalan lagi."))


@app.command()
def cap(
    idr: Annotated[
        int, typer.Argument(min=0, help="Rupiah a month, for all accounts.")
    ],
) -> None:
    """Set what the office may spend in a month; what waited for money goes on."""
    from pipeline.accounts import set_cap
    from pipeline.unit import now_utc
    from reports.words import number

    with opened() as here, here.store.write(here.office) as work:
        released = set_cap(work, here.person, idr, now_utc())
    print(_("Batas biaya sekarang Rp{idr} sebulan.").format(idr=number(idr)))
    if released:
        print(_("{n} kiriman yang menunggu biaya berjalan lagi.").format(n=released))
