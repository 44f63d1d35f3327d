"""The tables. What they are here is what the migrations make: a test compares the two.

Ids are opaque (128 random bits), times are UTC as ISO text, which sorts and reads alike in every database. Of a
password, a session or a form only a hash is held. `owner` is empty where nobody signs in.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, text

METADATA = MetaData()
ID, WHEN, EMPTY = String(32), String(32), text("''")


def _owner() -> Column[str]:
    return Column("owner", ID, ForeignKey("users.id", ondelete="CASCADE"))


users = Table(
    "users",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("secret", Text, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("locked_until", WHEN, nullable=False, server_default=EMPTY),
    Column("created_at", WHEN, nullable=False),
)
sessions = Table(
    "sessions",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", WHEN, nullable=False),
    Column("ends_at", WHEN, nullable=False),
)
uploads = Table(
    "uploads",
    METADATA,
    Column("id", ID, primary_key=True),
    _owner(),
    Column("purpose", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("file", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("about", JSON, nullable=False),
    Column("machine", ID, nullable=False),
    Column("created_at", WHEN, nullable=False),
    Column("ends_at", WHEN, nullable=False),
)
jobs = Table(
    "jobs",
    METADATA,
    Column("id", ID, primary_key=True),
    _owner(),
    Column("upload_id", ID, ForeignKey("uploads.id", ondelete="CASCADE")),
    Column("kind", String(16), nullable=False),
    Column("asked", JSON, nullable=False),
    Column("status", String(16), nullable=False),
    Column("said", Text, nullable=False, server_default=EMPTY),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("outcome", JSON),
    Column("fault", JSON),
    Column("machine", ID, nullable=False),
    Column("created_at", WHEN, nullable=False),
    Column("started_at", WHEN, nullable=False, server_default=EMPTY),
    Column("ended_at", WHEN, nullable=False, server_default=EMPTY),
    Index("jobs_by_status", "machine", "status", "created_at"),
)
mappings = Table(
    "mappings",
    METADATA,
    Column("id", ID, primary_key=True),
    _owner(),
    Column("head", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("used_at", WHEN, nullable=False),
    Index("mappings_by_head", "head", "used_at"),
)
cases = Table(
    "cases",
    METADATA,
    Column("id", ID, primary_key=True),
    _owner(),
    Column("title", String(120), nullable=False),
    Column("asked", JSON, nullable=False),
    Column("created_at", WHEN, nullable=False),
)
studies = Table(
    "studies",
    METADATA,
    Column("id", ID, primary_key=True),
    _owner(),
    Column("upload_id", ID, ForeignKey("uploads.id", ondelete="SET NULL")),
    Column("job_id", ID, ForeignKey("jobs.id", ondelete="SET NULL")),
    Column("title", String(120), nullable=False),
    Column("asked", JSON, nullable=False),
    Column("created_at", WHEN, nullable=False),
)
