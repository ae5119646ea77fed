import os

os.environ.setdefault("DATABASE_PATH", ":memory:")
