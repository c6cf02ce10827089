"""A network's session of an account, kept sealed in the one database."""

import structlog

from config.failures import SettingsProblem
from config.keys import Vault
from models.database import StorageFailed
from models.scope import OfficeScope
from pipeline.unit import Store

log = structlog.get_logger(__name__)


class KeptSession:
    """The session of one account; shared by processes, the last one kept counts."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        office_id: int,
        account_id: int,
        secrets: bytes,
    ) -> None:
        self._store = store
        self._vault = vault
        self._scope = OfficeScope(office_id)
        self._account_id = account_id
        self._secrets = secrets

    def read(self) -> str:
        """What was kept last; empty when there is nothing that can be opened."""
        try:
            with self._store.read(self._scope) as work:
                sealed = work.accounts.get(self._account_id).sealed_session
            return self._vault.open(sealed) if sealed else ""
        except (StorageFailed, SettingsProblem):
            return ""  # another session can be had

    def keep(self, session: str) -> None:
        """Keep it sealed; what cannot be kept is asked for anew next time."""
        sealed = self._vault.seal(session)
        try:
            with self._store.write(self._scope) as work:
                work.accounts.keep_session(self._account_id, sealed, self._secrets)
        except StorageFailed as error:
            log.warning("session_not_kept", problem=error.problem.value)
