"""Choose each vector's neighbours among more, and keep fewer: built beside the former index."""

import pgvector.django.indexes
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("search", "0005_denser_vector_index")]

    operations = [
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
    ]
