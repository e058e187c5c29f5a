from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models
from django.db.models.fields.json import KT


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="claimed_at",
            field=models.DateTimeField(
                help_text="When the sender's clock said that it was, where that was put right.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=BrinIndex(
                fields=["received_at"],
                name="event_received",
                pages_per_range=32,
                autosummarize=True,
            ),
        ),
        migrations.AddIndex(
            model_name="rejectedevent",
            index=models.Index(
                KT("payload__sku"),
                condition=models.Q(
                    ("code__in", ("unknown_product", "unknown_sku")),
                    ("payload__has_key", "sku"),
                    ("replayed_at", None),
                ),
                name="rejected_event_sku",
            ),
        ),
    ]
