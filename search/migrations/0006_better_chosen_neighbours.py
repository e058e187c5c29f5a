"""Choose each vector's neighbours among more, and keep fewer: built beside the former index.

Building goes fast where the graph fits into maintenance_work_mem, 1.5 kB a product, and several
times slower where it does not. So this session takes what the graph needs, up to 2 GB; what the
operator set for the session, as with PGOPTIONS, stands.
"""

import pgvector.django.indexes
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations

TAKE_MEMORY = """
SELECT set_config('maintenance_work_mem', least(count(*) * 2, 2 * 1024 * 1024) || 'kB', false)
FROM search_productembedding
HAVING least(count(*) * 2, 2 * 1024 * 1024) > (
  SELECT setting::bigint FROM pg_settings
  WHERE name = 'maintenance_work_mem' AND source NOT IN ('client', 'user', 'database', 'database user')
)"""
GIVE_BACK = "RESET maintenance_work_mem"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("search", "0005_denser_vector_index")]

    operations = [
        migrations.RunSQL(TAKE_MEMORY, migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="productembedding",
            index=pgvector.django.indexes.HnswIndex(
                fields=["vector"],
                name="product_embedding_graph",
                opclasses=["halfvec_cosine_ops"],
                m=16,
                ef_construction=400,
            ),
        ),
        RemoveIndexConcurrently(model_name="productembedding", name="product_embedding_near"),
        migrations.RunSQL(GIVE_BACK, migrations.RunSQL.noop),
    ]
