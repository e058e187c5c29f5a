"""`python -m openapi write|check|check-deploy`: the committed schema is what the code generates."""

import difflib
import os
import secrets
import subprocess
import sys
from pathlib import Path

COMMITTED = Path(__file__).with_name("openapi.yaml")


def generate() -> str:
    """The schema of the code as YAML; exits with the warnings, raises where it is not valid."""
    import django  # noqa: PLC0415 - settings are read when it is set up

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
    django.setup()
    from drf_spectacular.drainage import GENERATOR_STATS  # noqa: PLC0415
    from drf_spectacular.renderers import OpenApiYamlRenderer  # noqa: PLC0415
    from drf_spectacular.settings import spectacular_settings  # noqa: PLC0415
    from drf_spectacular.validation import validate_schema  # noqa: PLC0415

    generator = spectacular_settings.DEFAULT_GENERATOR_CLASS()
    schema = generator.get_schema(request=None, public=True)
    if GENERATOR_STATS:
        GENERATOR_STATS.emit_summary()
        sys.exit("the schema has warnings")
    validate_schema(schema)  # type: ignore[no-untyped-call]
    rendered: bytes = OpenApiYamlRenderer().render(schema, renderer_context={})  # type: ignore[no-untyped-call]
    return rendered.decode()


def write() -> None:
    """Write the committed file."""
    COMMITTED.write_text(generate(), encoding="utf-8")


def check() -> None:
    """Exit with the difference where the committed file is not what the code generates."""
    committed = COMMITTED.read_text(encoding="utf-8") if COMMITTED.exists() else ""
    difference = list(
        difflib.unified_diff(
            committed.splitlines(), generate().splitlines(), "committed", "generated", lineterm=""
        )
    )
    if difference:
        sys.exit("\n".join([*difference[:200], "openapi/openapi.yaml is stale: run make openapi"]))


def check_deploy() -> None:
    """Run Django's deployment checks on production settings; a warning fails."""
    environment = os.environ | {
        "STOREFRONT_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "TOMBSTONE_SECRET": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "shop.example",
        "DATABASE_URL": "postgresql://storefront@localhost/storefront",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    sys.exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603


if __name__ == "__main__":
    actions = {"write": write, "check": check, "check-deploy": check_deploy}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    actions[sys.argv[1]]()
