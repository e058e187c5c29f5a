import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# Of whatever statement that writes the log, imports by hand and erasures too. The row is visible
# exactly when what it tells of is.
NOTE_STALE_DAYS = """
CREATE FUNCTION events_note_stale_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events_staleday (day)
    SELECT DISTINCT (occurred_at AT TIME ZONE 'UTC')::date FROM changed;
    RETURN NULL;
END
$$;
CREATE TRIGGER events_note_inserted AFTER INSERT ON events_event
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_note_stale_days();
CREATE TRIGGER events_note_updated AFTER UPDATE ON events_event
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_note_stale_days();
CREATE TRIGGER events_note_deleted AFTER DELETE ON events_event
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_note_stale_days();
"""
FORGET_STALE_DAYS = """
DROP TRIGGER events_note_inserted ON events_event;
DROP TRIGGER events_note_updated ON events_event;
DROP TRIGGER events_note_deleted ON events_event;
DROP FUNCTION events_note_stale_days();
"""
# What is in the log already is counted by the first run.
COUNT_ALL = """
INSERT INTO events_staleday (day)
SELECT DISTINCT (occurred_at AT TIME ZONE 'UTC')::date FROM events_event
"""


def _type() -> "models.CharField[str, str]":
    return models.CharField(
        choices=[
            ("view", "View"),
            ("add_to_cart", "Add To Cart"),
            ("remove_from_cart", "Remove From Cart"),
            ("purchase", "Purchase"),
            ("return", "Return"),
            ("search", "Search"),
            ("impression", "Impression"),
            ("click", "Click"),
            ("not_interested", "Not Interested"),
        ],
        max_length=16,
    )


def _id() -> tuple[str, "models.Field[int, int]"]:
    return "id", models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def _counts() -> list[tuple[str, "models.Field[object, object]"]]:
    return [
        ("events", models.BigIntegerField()),
        ("shoppers", models.BigIntegerField()),
        ("units", models.BigIntegerField()),
        ("revenue", models.DecimalField(decimal_places=4, max_digits=24)),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0001_initial"),
        ("events", "0002_claimed_times_and_waiting_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaleDay",
            fields=[
                _id(),
                ("day", models.DateField()),
                (
                    "noted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EventCount",
            fields=[
                _id(),
                (
                    "span",
                    models.CharField(choices=[("hour", "Hour"), ("day", "Day")], max_length=4),
                ),
                ("start", models.DateTimeField()),
                ("type", _type()),
                *_counts(),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("span", "start", "type"), name="one_event_count"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyActivity",
            fields=[
                _id(),
                ("day", models.DateField()),
                ("type", _type()),
                *_counts(),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="catalogue.product",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "daily activity",
                "indexes": [models.Index(fields=["product", "day"], name="daily_activity_product")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "type", "product"),
                        name="one_daily_activity",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(NOTE_STALE_DAYS, FORGET_STALE_DAYS),
        migrations.RunSQL(COUNT_ALL, migrations.RunSQL.noop),
    ]
