"""Have every product indexed anew by the next sweep: more of its words are found than before."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("search", "0008_words_without_a_list")]

    operations = [
        migrations.RunSQL(
            "UPDATE search_productdocument SET text_hash = ''", migrations.RunSQL.noop
        ),
    ]
