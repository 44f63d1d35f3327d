"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID, WHEN = sa.String(32), sa.String(32)


def _owner() -> sa.Column[str]:
    return sa.Column("owner", ID, sa.ForeignKey("users.id", ondelete="CASCADE"))


def _text(name: str, length: int = 0, default: str | None = None) -> sa.Column[str]:
    kind, empty = sa.String(length) if length else sa.Text(), sa.text("''") if default == "" else None
    return sa.Column(name, kind, nullable=False, server_default=empty)


def _number(name: str, kind: type[sa.Integer] = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind, nullable=False, server_default=None if kind is sa.BigInteger else "0")


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        _text("role", 16),
        _text("secret"),
        _number("failures"),
        _text("locked_until", 32, ""),
        _text("created_at", 32),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("user_id", ID, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        _text("created_at", 32),
        _text("ends_at", 32),
    )


def _work() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", ID, primary_key=True),
        _owner(),
        *(_text("purpose", 16), _text("name", 200), _text("file", 64), _number("size", sa.BigInteger)),
        *(_text("sha256", 64), sa.Column("about", sa.JSON, nullable=False), _text("machine", 32)),
        *(_text("created_at", 32), _text("ends_at", 32)),
    )
    op.create_table(
        "jobs",
        sa.Column("id", ID, primary_key=True),
        _owner(),
        sa.Column("upload_id", ID, sa.ForeignKey("uploads.id", ondelete="CASCADE")),
        *(_text("kind", 16), sa.Column("asked", sa.JSON, nullable=False), _text("status", 16), _text("said", 0, "")),
        *(_number("done"), _number("total"), _number("attempt"), sa.Column("outcome", sa.JSON)),
        *(sa.Column("fault", sa.JSON), _text("machine", 32), _text("created_at", 32)),
        *(_text("started_at", 32, ""), _text("ended_at", 32, "")),
    )
    op.create_index("jobs_by_status", "jobs", ["machine", "status", "created_at"])


def _kept() -> None:
    op.create_table(
        "mappings",
        sa.Column("id", ID, primary_key=True),
        _owner(),
        *(_text("head", 64), _text("text"), _text("used_at", 32)),
    )
    op.create_index("mappings_by_head", "mappings", ["head", "used_at"])
    op.create_table(
        "cases",
        sa.Column("id", ID, primary_key=True),
        _owner(),
        *(_text("title", 120), sa.Column("asked", sa.JSON, nullable=False), _text("created_at", 32)),
    )
    op.create_table(
        "studies",
        sa.Column("id", ID, primary_key=True),
        _owner(),
        sa.Column("upload_id", ID, sa.ForeignKey("uploads.id", ondelete="SET NULL")),
        sa.Column("job_id", ID, sa.ForeignKey("jobs.id", ondelete="SET NULL")),
        *(_text("title", 120), sa.Column("asked", sa.JSON, nullable=False), _text("created_at", 32)),
    )


def upgrade() -> None:
    """Make them."""
    _people()
    _work()
    _kept()


def downgrade() -> None:
    """Remove them, and all that they hold."""
    for name in ("studies", "cases", "mappings", "jobs", "uploads", "sessions", "users"):
        op.drop_table(name)
