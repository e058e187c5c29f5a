"""Say of every product what it is: the next sweep indexes all anew."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0009_index_words_beside_slashes")]

    operations = [
        migrations.AddField(
            "productdocument",
            "kinds",
            ArrayField(
                models.TextField(),
                null=True,
                blank=True,
                help_text="What the product is, as lexemes: the nouns of its title and its category.",
            ),
        ),
        migrations.RunSQL(
            "UPDATE search_productdocument SET text_hash = ''", migrations.RunSQL.noop
        ),
    ]
