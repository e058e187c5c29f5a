"""Keep reasons packed.

Both steps change the catalogue alone, whatever the size of the tables. Reasons that were stored
are dropped: each list has its own again with the next training, or sooner where it is refreshed.
"""

from django.db import migrations

import recommendations.models.reasons

TABLES = ("customerrecommendations", "visitorrecommendations")


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0003_placements")]

    operations = [
        operation
        for table in TABLES
        for operation in (
            migrations.RemoveField(table, "reasons"),
            migrations.AddField(
                table,
                "reasons",
                recommendations.models.reasons.ReasonsField(
                    default=list, db_default=recommendations.models.reasons.pack_reasons([])
                ),
            ),
        )
    ]
