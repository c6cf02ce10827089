"""Write the next migration from the tables as they are now.

    python tools/step.py 0004 "Letters of approval"

A database is brought to the newest step that there is, and what it lacks is written to
``migrations/versions``; read it before it is committed.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline import schema
from pipeline.unit import Store

number, message = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    store = Store(f"sqlite:///{folder}/known.db")
    schema.upgrade(store.engine)
    schema.write_step(store.engine, message, number)
    store.close()
