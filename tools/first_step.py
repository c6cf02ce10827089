"""Write migrations/versions/0001_first_tables.py anew from the tables as they are.

Only until the first release: from then on each change is a step of its own
(``pipeline.schema.write_step``).
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline import schema
from pipeline.unit import Store

for old in (schema.FOLDER / "versions").glob("0001_*.py"):
    old.unlink()
with tempfile.TemporaryDirectory() as folder:
    store = Store(f"sqlite:///{folder}/empty.db")
    schema.write_step(store.engine, "First tables", "0001")
    store.close()
