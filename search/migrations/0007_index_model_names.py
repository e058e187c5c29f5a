"""Have every product indexed anew by the next sweep: titles are read otherwise than before."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("search", "0006_better_chosen_neighbours")]

    operations = [
        migrations.RunSQL(
            "UPDATE search_productdocument SET text_hash = ''", migrations.RunSQL.noop
        ),
    ]
