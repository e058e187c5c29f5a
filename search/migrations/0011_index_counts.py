"""Have every product indexed anew by the next sweep: it is found by what it counts, too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("search", "0010_what_products_are")]

    operations = [
        migrations.RunSQL(
            "UPDATE search_productdocument SET text_hash = ''", migrations.RunSQL.noop
        ),
    ]
