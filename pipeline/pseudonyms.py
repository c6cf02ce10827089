"""The salt of an office, kept sealed: without the key file no pseudonym can be made.

A copy of the database alone then joins no handle to what its owner said.
"""

from config.keys import Vault
from pipeline.unit import Work


def salt_of(work: Work, vault: Vault, office_id: int) -> str:
    """The salt; one that is still in clear is sealed by the way.

    Raises:
        SettingsProblem: the key file is of another installation.
    """
    office = work.offices.by_id(office_id)
    if office.sealed_salt is not None:
        return vault.open(office.sealed_salt)
    salt = office.salt
    office.sealed_salt = vault.seal(salt)
    office.salt = ""
    return salt
