"""Put words into their index at once: a list of those to come is read through by every search."""

import django.contrib.postgres.indexes
from django.db import migrations

AT_ONCE = """
ALTER INDEX product_document_keywords SET (fastupdate = off);
SELECT gin_clean_pending_list('product_document_keywords')"""
AS_BEFORE = "ALTER INDEX product_document_keywords RESET (fastupdate)"


class Migration(migrations.Migration):
    dependencies = [("search", "0007_index_model_names")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(AT_ONCE, AS_BEFORE)],
            state_operations=[
                migrations.RemoveIndex(
                    model_name="productdocument", name="product_document_keywords"
                ),
                migrations.AddIndex(
                    model_name="productdocument",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["keywords"], name="product_document_keywords"
                    ),
                ),
            ],
        )
    ]
