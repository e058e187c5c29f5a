"""Have every product indexed anew by the next sweep: accents make no difference any more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("search", "0011_index_counts")]

    operations = [
        migrations.RunSQL(
            "UPDATE search_productdocument SET text_hash = ''", migrations.RunSQL.noop
        ),
    ]
